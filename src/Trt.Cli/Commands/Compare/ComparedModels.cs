using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>The one or two models of a comparison, and the runners that have them open.</summary>
internal sealed class ComparedModels : IDisposable
{
    private readonly List<ComparedModel> models = [];
    private readonly List<ComparedRunner> runners = [];
    private EngineRunner? opened;

    private ComparedModels()
    {
    }

    public IReadOnlyList<ComparedModel> All => models;

    public ComparedModel First => models[0];

    /// <summary>Opens the files.</summary>
    public static ComparedModels Open(Session session, string model, string? other, string? architecture)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        ComparedModels compared = new();
        try
        {
            foreach (string path in other is null ? [model] : new[] { model, other })
            {
                compared.models.Add(ComparedModel.Open(path, architecture));
            }

            return compared;
        }
        catch
        {
            compared.Dispose();
            throw;
        }
    }

    /// <summary>What the models take, and the usual shapes where a plan says them.</summary>
    public (IReadOnlyList<TensorSlot> Slots, IReadOnlyDictionary<string, long[]>? Usual) Slots(RunnerFactory factory, IReadOnlyList<RunnerChoice> choices)
    {
        if (models.Find(model => model.Onnx is not null)?.Onnx is { } onnx)
        {
            IEnumerable<OnnxValueInfo> all = models.Where(model => model.Onnx is not null).SelectMany(model => model.Onnx!.Inputs).DistinctBy(input => input.Name);
            if (onnx.Inputs.FirstOrDefault(input => input.Kind != OnnxValueKind.Tensor) is { } strange)
            {
                throw new UserError($"Input {strange} of {First.Path} is no tensor, so that no values can be given to it.");
            }

            return ([.. all.Select(TensorSlot.Of)], null);
        }

        RunnerChoice choice = choices.FirstOrDefault(choice => choice.IsLibrary) ?? throw new UserError($"{First.Path} is a plan, which only the library that it was built for runs. Add it to --runtimes.");
        opened = factory.OpenPlan(NameOf(First, choice, choices), First, choice);
        runners.Add(opened);
        return ([.. opened.Inputs.Select(TensorSlot.Of)], opened.Inputs.ToDictionary(input => input.Name, input => input.OptShape(0).ToArray()));
    }

    /// <summary>All runners: saved outputs once, and each other one for each model that it can run.</summary>
    public IReadOnlyList<ComparedRunner> Runners(RunnerFactory factory, IReadOnlyList<RunnerChoice> choices, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples)
    {
        List<ComparedRunner> all = [];
        foreach (RunnerChoice choice in choices)
        {
            if (choice.IsSaved)
            {
                all.Add(Keep(new SavedRunner(choice.Text, SampleFile.Read(choice.Target))));
                continue;
            }

            foreach (ComparedModel model in models)
            {
                if (choice.IsOnnx && model.Onnx is null)
                {
                    continue;
                }

                string name = NameOf(model, choice, choices);
                all.Add(opened?.Name == name ? opened : Keep(factory.Open(name, model, choice, samples)));
            }
        }

        return all.Count > 0 ? all : throw new UserError($"None of the runtimes can run {First.Path}: a plan needs the library that it was built for.");
    }

    public void Dispose()
    {
        foreach (IDisposable thing in runners.Concat<IDisposable>(models))
        {
            thing.Dispose();
        }
    }

    /// <summary>The runtime's name, or with two models the model's, with the runtime's where there are several.</summary>
    private string NameOf(ComparedModel model, RunnerChoice choice, IReadOnlyList<RunnerChoice> choices) => models.Count == 1 ? choice.Text
        : choices.Count(each => !each.IsSaved) == 1 ? Short(model)
        : $"{Short(model)}@{choice.Text}";

    private string Short(ComparedModel model) => models.Select(each => Path.GetFileName(each.Path)).Distinct().Count() == models.Count ? Path.GetFileName(model.Path)
        : models.Select(each => each.Path).Distinct().Count() == models.Count ? model.Path
        : $"{models.IndexOf(model) + 1}:{Path.GetFileName(model.Path)}";

    private ComparedRunner Keep(ComparedRunner runner)
    {
        runners.Add(runner);
        return runner;
    }
}

using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A part fails when runtimes, or two models, disagree on it. What cannot be built or run does not count.</summary>
internal sealed class CompareCheck(RunnerFactory factory, IReadOnlyList<RunnerChoice> choices, Func<string, ComparisonRule> rules, CancellationToken cancellation) : ReductionCheck
{
    public override bool Fails(OnnxCandidate candidate)
    {
        // Without values of all inputs nothing can be run.
        if (candidate.Model.Inputs.Any(input => !candidate.Inputs.ContainsKey(input.Name)))
        {
            Refused++;
            return false;
        }

        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples = [candidate.Inputs];
        IReadOnlyDictionary<string, OnnxTensor>? wanted = null;
        try
        {
            foreach (RunnerChoice choice in choices)
            {
                foreach (OnnxModel model in candidate.Against is { } against ? [candidate.Model, against] : new[] { candidate.Model })
                {
                    using ComparedModel compared = ComparedModel.Over(model);
                    using ComparedRunner runner = factory.Open(choice.Text, compared, choice, samples);
                    IReadOnlyDictionary<string, OnnxTensor> outputs = runner.Run(0, candidate.Inputs, cancellation);
                    wanted ??= outputs;
                    if (!ReferenceEquals(outputs, wanted) && Difference(wanted, outputs) is { } difference)
                    {
                        return Failed(difference);
                    }
                }
            }

            return false;
        }
        catch (Exception error) when (BuildCheck.IsRefusal(error))
        {
            Refused++;
            LastRefusal = error.Message;
            return false;
        }
    }

    /// <summary>Why the latest part could not be built or run.</summary>
    public string? LastRefusal { get; private set; }

    private string? Difference(IReadOnlyDictionary<string, OnnxTensor> wanted, IReadOnlyDictionary<string, OnnxTensor> actual)
    {
        foreach ((string name, OnnxTensor tensor) in wanted)
        {
            if (actual.TryGetValue(name, out OnnxTensor? other) && TensorComparison.Of(tensor, other, rules(name)) is { Passed: false } comparison)
            {
                return $"\"{name}\" {comparison.Reason}";
            }
        }

        return null;
    }
}

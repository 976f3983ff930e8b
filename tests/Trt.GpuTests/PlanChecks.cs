using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Runs a plan with each recorded set under each recorded profile, plainly and as a graph.</summary>
internal sealed class PlanChecks(Checks checks, Files files, Device device)
{
    /// <summary>The version-compatible plans of 8.6.0 whose outputs have known sizes.</summary>
    public static IReadOnlyList<string> Plans { get; } = ["lenet.vc_excl", "lenet.vc_excl_two_profiles", "unet.vc_excl", "charrnn.vc_excl", "shapes_retinanet.vc_excl"];

    /// <summary>Deserialises a plan with a runtime and compares every answer that was recorded for it.</summary>
    /// <param name="runtime">Who runs it.</param>
    /// <param name="who">What the lines call it.</param>
    /// <param name="plan">Name of the plan.</param>
    /// <param name="graph">Whether to replay a captured graph too: not with outputs of data-dependent size.</param>
    public void Run(IRuntime runtime, string who, string plan, bool graph = true)
    {
        using NpzFile answers = files.Answers(plan);
        ICudaEngine? engine = null;
        checks.That($"{who}: {plan} is deserialised", () =>
        {
            engine = runtime.DeserializeCudaEngine(files.Plan(plan));
            return engine.NbIOTensors >= 2 ? null : $"it has {engine.NbIOTensors} tensors";
        });
        if (engine is null)
        {
            return;
        }

        foreach (string set in answers.Keys.Select(name => name.Split('.')[0]).Distinct())
        {
            string[] parts = set.Split('@');
            int profile = parts.Length > 1 ? int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            PlanRun? run = null;
            checks.That($"{who}: {plan} {set} equals 8.6.0's answers bit for bit", () =>
            {
                run = new PlanRun(engine, device, files.Inputs(plan, parts[0][^1] - '0'), profile);
                run.Enqueue();
                return run.Difference(answers, set);
            });
            if (graph && run is not null)
            {
                checks.That($"{who}: {plan} {set} as a captured graph gives the same", () =>
                {
                    run.EnqueueAsGraph();
                    return run.Difference(answers, set);
                });
            }

            run?.Dispose();
        }

        engine.Dispose();
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>8.6.0's own lean runtime with all of its plans; its error recorder is <see cref="RuntimePart"/>'s.</summary>
internal sealed class Lean8Checks(Checks checks, Files files, Device device)
{
    public void Run()
    {
        TensorRtLibrary library = TensorRt.Load(files.Lean(8));
        PlanChecks plans = new(checks, files, device);
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        foreach (string plan in PlanChecks.Plans)
        {
            plans.Run(runtime, "8.6.0", plan);
        }

        // Outputs of data-dependent size through an output allocator in C#.
        plans.Run(runtime, "8.6.0", "nonzero.vc_excl", graph: false);
    }
}

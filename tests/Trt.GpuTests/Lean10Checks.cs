using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The lean runtime of 10.16 with every version-compatible plan of 8.6.0; permissions and callbacks are <see cref="RuntimePart"/>'s.</summary>
internal sealed class Lean10Checks(Checks checks, Files files, Device device)
{
    public void Run()
    {
        TensorRtLibrary library = TensorRt.Load(files.Lean(10));
        PlanChecks plans = new(checks, files, device);
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        checks.That($"{library} makes a runtime", () => library is { Flavour: Flavour.LeanRuntime, HasBuilder: false } ? null : $"it is {library.Flavour}");
        checks.Refuses<TensorRtException>("10.16 refuses an ordinary plan of 8.6.0 in its own words", () => runtime.DeserializeCudaEngine(files.Plan("lenet.fp32")).Dispose(), "old deserialization call on a newer plan file");
        runtime.EngineHostCodeAllowed = true;
        plans.Run(runtime, "10.16, lean runtime inside the plan", "lenet.vc");

        using IRuntime loaded = runtime.LoadRuntime(files.Lean(8));
        foreach (string plan in PlanChecks.Plans)
        {
            plans.Run(loaded, "10.16 with 8.6.0 through LoadRuntime", plan);
        }

        checks.Refuses<NotSupportedException>("a lean runtime builds nothing", () => library.CreateInferBuilder(checks.Logger()).Dispose(), "builds nothing");
    }
}

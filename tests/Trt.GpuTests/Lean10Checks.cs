using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The lean runtime of 10.16 with version-compatible plans of 8.6.0.</summary>
internal sealed class Lean10Checks(Checks checks, Files files, Device device)
{
    private static readonly string[] Plans =
        ["lenet.vc_excl", "lenet.vc_excl_two_profiles", "unet.vc_excl", "charrnn.vc_excl", "shapes_retinanet.vc_excl"];

    public void Run()
    {
        TensorRtLibrary library = TensorRt.Load(files.Lean(10));
        PlanChecks plans = new(checks, files, device);
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        checks.That($"{library} makes a runtime", () => library is { Flavour: Flavour.LeanRuntime, HasBuilder: false } ? null : $"it is {library.Flavour}");
        checks.Refuses<TensorRtException>("10.16 refuses an ordinary plan of 8.6.0 in its own words", () => runtime.DeserializeCudaEngine(files.Plan("lenet.fp32")).Dispose(), "old deserialization call on a newer plan file");
        checks.Refuses<TensorRtException>("10.16 refuses host code that was not allowed", () => runtime.DeserializeCudaEngine(files.Plan("lenet.vc")).Dispose(), "getEngineHostCodeAllowed");
        runtime.EngineHostCodeAllowed = true;
        checks.That("permission for host code is read back", () => runtime.EngineHostCodeAllowed ? null : "it is false");
        plans.Run(runtime, "10.16, lean runtime inside the plan", "lenet.vc");

        using IRuntime loaded = runtime.LoadRuntime(files.Lean(8));
        foreach (string plan in Plans)
        {
            plans.Run(loaded, "10.16 with 8.6.0 through LoadRuntime", plan);
        }

        Refusals(loaded);
        checks.Refuses<NotSupportedException>("a lean runtime builds nothing", () => library.CreateInferBuilder(checks.Logger()).Dispose(), "builds nothing");
    }

    /// <summary>Objects of LoadRuntime take no managed callbacks: the older code would call them by its own slots and crash.</summary>
    private void Refusals(IRuntime loaded)
    {
        using ICudaEngine engine = loaded.DeserializeCudaEngine(files.Plan("lenet.vc_excl"));
        using IExecutionContext context = engine.CreateExecutionContext();
        using GrowingOutput output = new(device);
        checks.Refuses<NotSupportedException>("output allocator is refused behind LoadRuntime", () => context.SetOutputAllocator("prob", output), "IOutputAllocator", "LoadRuntime", "TensorRt.Load");
        checks.Refuses<NotSupportedException>("profiler is refused behind LoadRuntime", () => context.Profiler = new NoProfiler(), "IProfiler", "LoadRuntime");
        checks.Refuses<NotSupportedException>("error recorder is refused behind LoadRuntime", () => engine.ErrorRecorder = new ErrorRecorder(), "IErrorRecorder", "LoadRuntime");
        checks.Refuses<NotSupportedException>("error recorder of the loaded runtime itself is refused", () => loaded.ErrorRecorder = new ErrorRecorder(), "IErrorRecorder", "LoadRuntime");
    }

    private sealed class NoProfiler : IProfiler
    {
        public void ReportLayerTime(string layerName, float ms)
        {
        }
    }
}

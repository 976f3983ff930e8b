using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>The lean runtime of 11.4, newer than any known header: it is made, and it refuses these plans in its own words.</summary>
internal sealed class Lean11Checks(Checks checks, Files files)
{
    public void Run()
    {
        List<string> log = [];
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { LibraryPath = files.Lean(11), Log = (_, text) => log.Add(text) });
        checks.That("11.4 says that it is newer than any known release", () => log.Any(text => text.Contains("newer than any known release", StringComparison.Ordinal)) ? null : string.Join(" | ", log));
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        checks.That($"{library} makes a runtime", () => runtime.EngineHostCodeAllowed ? "host code is allowed at first" : null);
        checks.Refuses<TensorRtException>("11.4 refuses an ordinary plan", () => runtime.DeserializeCudaEngine(files.Plan("lenet.fp32")).Dispose(), "old deserialization call on a newer plan file");
        checks.Refuses<TensorRtException>("11.4 refuses a plan without its lean runtime", () => runtime.DeserializeCudaEngine(files.Plan("lenet.vc_excl")).Dispose(), "old deserialization call on a newer plan file");
        checks.Refuses<TensorRtException>("11.4 refuses host code that was not allowed", () => runtime.DeserializeCudaEngine(files.Plan("lenet.vc")).Dispose(), "Cannot deserialize engine with lean runtime since IRuntime::getEngineHostCodeAllowed() is false.");
        runtime.EngineHostCodeAllowed = true;
        checks.Refuses<TensorRtException>("11.4 refuses a plan of 8.6, control characters shown", () => runtime.DeserializeCudaEngine(files.Plan("lenet.vc")).Dispose(), "Engine Version Forward Compatibility supported starting TensorRT", "\\x08.\\x06.");
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>8.6.0's own lean runtime with its plans.</summary>
internal sealed class Lean8Checks(Checks checks, Files files, Device device)
{
    private static readonly string[] Plans =
        ["lenet.vc_excl", "lenet.vc_excl_two_profiles", "unet.vc_excl", "charrnn.vc_excl", "shapes_retinanet.vc_excl"];

    public void Run()
    {
        TensorRtLibrary library = TensorRt.Load(files.Lean(8));
        PlanChecks plans = new(checks, files, device);
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        foreach (string plan in Plans)
        {
            plans.Run(runtime, "8.6.0", plan);
        }

        // Outputs of data-dependent size through an output allocator in C#.
        plans.Run(runtime, "8.6.0", "nonzero.vc_excl", graph: false);
        Recorder(runtime);
    }

    private void Recorder(IRuntime runtime) => checks.That("8.6.0: a damaged plan's error reaches the recorder and the exception", () =>
    {
        ErrorRecorder recorder = new();
        runtime.ErrorRecorder = recorder;
        byte[] half = files.Plan("lenet.vc_excl")[..1000];
        try
        {
            runtime.DeserializeCudaEngine(half).Dispose();
            return "the damaged plan was taken";
        }
        catch (TensorRtException exception)
        {
            return recorder.Errors.Count == 0 ? "nothing was recorded"
                : exception.Message.Contains(recorder.Errors[0].Description, StringComparison.Ordinal) ? null
                : $"the exception says {exception.Message}";
        }
        finally
        {
            runtime.ErrorRecorder = null;
        }
    });
}

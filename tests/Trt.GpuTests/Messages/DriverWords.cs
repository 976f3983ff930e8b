using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Prints what a program is told where the driver or the GPU is not what it should be.</summary>
internal static class DriverWords
{
    public static int Say(IReadOnlyList<string> libraries)
    {
        Console.WriteLine($"driver: {(CudaDriver.IsAvailable(out string reason) ? $"CUDA {CudaDriver.Version}" : reason)}");
        foreach (string path in libraries)
        {
            string said;
            try
            {
                TensorRt.Load(path).CreateInferRuntime(new DelegateLogger((_, _) => { })).Dispose();
                said = "a runtime was made";
            }
            catch (Exception error) when (error is TensorRtException or CudaException)
            {
                said = error.Message.ReplaceLineEndings(" | ");
            }

            Console.WriteLine($"runtime of {Path.GetFileName(path)}: {said}");
            Console.Out.Flush();
        }

        return 0;
    }
}

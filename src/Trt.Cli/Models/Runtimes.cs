using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Chooses libraries for what is to be run, not only built.</summary>
internal static class Runtimes
{
    /// <summary>The library that runs a model.</summary>
    /// <param name="session">Loads it.</param>
    /// <param name="choice">The value of <see cref="CommonOptions.Library"/>; null: of a plan the kind that built it, else whatever is found.</param>
    /// <param name="path">The model.</param>
    /// <exception cref="UserError">The library needs a GPU, and there is none.</exception>
    public static TensorRtLibrary For(Session session, string? choice, string path)
    {
        Flavour? wanted = choice is null && File.Exists(path) ? PlanHead.Read(path).Format switch
        {
            PlanFormat.Cpu => Flavour.Cpu,
            PlanFormat.TensorRTRtx => Flavour.TensorRTRtx,
            _ => null,
        }
        : null;
        if (wanted is not null)
        {
            CpuRuntime.Register();
        }

        TensorRtLibrary library = wanted is { } flavour ? TensorRt.Load(new TensorRtOptions { Flavour = flavour }) : session.Library(choice);
        return library.Flavour == Flavour.Cpu || CudaDriver.IsAvailable(out string reason)
            ? library
            : throw new UserError($"{library} runs models on NVIDIA's GPUs only, and none can be used here: {reason.Split(". ")[0].TrimEnd('.')}. With --library cpu models run without one.");
    }
}

using Trt.Interop;

namespace Trt.Lite;

/// <content>Where and how an engine runs.</content>
public sealed partial class EngineOptions
{
    /// <summary>Which runtime. <see cref="RuntimeKind.Auto"/>: NVIDIA's where it is installed and a GPU is there, else the CPU runtime if it is registered.</summary>
    public RuntimeKind Runtime { get; set; }

    /// <summary>The file or folder of NVIDIA's library; null: the usual places.</summary>
    public string? LibraryPath { get; set; }

    /// <summary>The library itself, in the place of the two.</summary>
    public TensorRtLibrary? Library { get; set; }

    /// <summary>Number of the GPU, in the order of <see cref="Interop.Cuda.Device.All"/>; null: the calling thread's.</summary>
    public int? Device { get; set; }

    /// <summary>The only optimization profile to use; null: of those that allow a run's shapes the nearest.</summary>
    public int? Profile { get; set; }

    /// <summary>Runs that may be under way at once, each with a context, a stream and memory of its own; 2 unless said otherwise, so that one copies while the other computes.</summary>
    public int Contexts { get; set; } = 2;

    /// <summary>Threads that pre- and post-process the samples of one batch. Null: the processors divided by <see cref="Contexts"/> in pipelines, one in other calls.</summary>
    public int? Parallelism { get; set; }

    /// <summary>Whether runs that repeat are launched as CUDA graphs. Null: on GPUs, where it helps.</summary>
    public bool? CudaGraphs { get; set; }

    /// <summary>Runs with zeros before the engine is handed out, so that the first call is as quick as the others; 2 unless said otherwise (the second records the graph), 0: none.</summary>
    public int WarmUp { get; set; } = 2;

    /// <summary>The library of an older lean runtime (<c>libnvinfer_lean.so.8</c>), which the library loads to run version-compatible plans of that release that do not carry one. Null: none.</summary>
    public string? LeanRuntime { get; set; }

    /// <summary>Whether the library may run code out of the plan, as version-compatible plans with a lean runtime inside need. Only for plans that are trusted.</summary>
    public bool AllowHostCode { get; set; }
}

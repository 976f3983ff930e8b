using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <content>How an engine is built. Plans are built already.</content>
public sealed partial class EngineOptions
{
    /// <summary>The most samples of a run where the model leaves the batch open; 1 unless said otherwise. The engine is tuned for it; smaller batches run too.</summary>
    public int? MaxBatch { get; set; }

    /// <summary>Bytes of device memory that a layer may use while it runs; null: as much as there is.</summary>
    public long? Workspace { get; set; }

    /// <summary>The type to compute in: Float, Half, BF16, Int8, FP8. A short way to say <see cref="Precision"/>.</summary>
    public DataType? DataType { get; set; }

    /// <summary>The types that layers may compute in besides 32-bit floats; counts before <see cref="DataType"/>.</summary>
    public Precision? Precision { get; set; }

    /// <summary>Calibrates for <see cref="Precision.Int8"/>, which it implies, also on releases without calibrators.</summary>
    public Int8Calibration? Calibrator { get; set; }

    /// <summary>Libraries with plugins that the model uses.</summary>
    public IList<string> Plugins { get; } = [];

    /// <summary>Ranges of the inputs' shapes, for models that leave more open than the batch; they count before <see cref="MaxBatch"/>.</summary>
    public IList<ShapeProfile> Profiles { get; } = [];

    /// <summary>A folder in which built engines are kept, shared by processes; null: every start builds. <see cref="EngineCache.DefaultFolder"/> is a good one.</summary>
    public string? CacheFolder { get; set; }

    /// <summary>
    /// Names what a cache cannot see: the network that <see cref="Network"/> defines, a model builder of one's own, the calibrator's data, hooks of <see cref="Build"/>. Needed with a cache when they are used
    /// (a network without it is not cached).
    /// </summary>
    public string? CacheKey { get; set; }

    /// <summary>Everything else that a build can be told; gets what follows from the other options.</summary>
    public Func<BuildOptions, BuildOptions>? Build { get; set; }

    /// <summary>Hears the phases and steps of a build on the thread that builds.</summary>
    public IProgress<BuildProgress>? Progress { get; set; }
}

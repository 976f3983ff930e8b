namespace Trt.Utils;

/// <summary>What a lane decodes.</summary>
[Flags]
internal enum JpegKinds
{
    /// <summary>Sequential files of 8 bits.</summary>
    Baseline = 1,

    /// <summary>Progressive files and whatever else there is.</summary>
    Others = 2,
}

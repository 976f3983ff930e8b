namespace Trt.Utils;

/// <summary>What <see cref="JpegBatchDecoder"/> uses.</summary>
public sealed record JpegDecoderOptions
{
    /// <summary>What decodes.</summary>
    public JpegBackends Backends { get; init; }

    /// <summary>Threads that hand files to the GPU's JPEG engines, for <see cref="JpegBackends.Hardware"/>; at least 1. One was the fastest for the seven engines of an H200.</summary>
    public int HardwareThreads { get; init; } = 1;

    /// <summary>Files that such a thread hands over at once, at most; 1 to 256.</summary>
    public int HardwareBatch { get; init; } = 64;

    /// <summary>Threads that decode, for each of <see cref="JpegBackends.Hybrid"/> and <see cref="JpegBackends.Cpu"/>; 0: one less than the machine has processors.</summary>
    public int Threads { get; init; }

    internal void Check()
    {
        if (HardwareThreads < 1 || HardwareBatch is < 1 or > 256 || Threads < 0)
        {
            throw new ArgumentException($"HardwareThreads is {HardwareThreads}, HardwareBatch {HardwareBatch} and Threads {Threads}; they must be at least 1, 1 to 256, and at least 0.");
        }
    }
}

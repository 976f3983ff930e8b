namespace Trt.Utils;

/// <summary>What decodes JPEG files for <see cref="JpegBatchDecoder"/>; several work side by side and share a batch as they have time. More is not always faster: threads that launch kernels get into the way of those that feed the engines.</summary>
[Flags]
public enum JpegBackends
{
    /// <summary>The GPU's JPEG engines where it has any, else the hybrid way, else the CPU.</summary>
    Auto = 0,

    /// <summary>The JPEG engines of data-centre GPUs (A100, H100, H200 and newer), baseline files only, by nvJPEG.</summary>
    Hardware = 1,

    /// <summary>All steps on the GPU's multiprocessors, by nvJPEG; baseline files only, in large batches.</summary>
    Gpu = 2,

    /// <summary>Entropy decoding on threads of the CPU, the rest on the GPU, by nvJPEG.</summary>
    Hybrid = 4,

    /// <summary>Threads of the CPU and libjpeg-turbo; pixels are copied to the device. The same pixels as <see cref="Image.Decode"/>.</summary>
    Cpu = 8,
}

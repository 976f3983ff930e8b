using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>A sample of which only the writing into the tensor is left to do.</summary>
internal abstract class PreparedInput
{
    /// <summary>The shape without batch.</summary>
    public required Dims Shape { get; init; }

    /// <summary>Where the pixels went, where it is a picture.</summary>
    public ImagePlacement? Placement { get; init; }

    /// <summary>The picture that a kernel can make the values of; null where it cannot.</summary>
    public virtual Image? Picture => null;

    /// <summary>Writes the values.</summary>
    /// <param name="target">As many bytes as the shape has.</param>
    public abstract void Write(Span<byte> target);
}

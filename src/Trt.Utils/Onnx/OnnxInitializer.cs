using System.Collections.Immutable;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>What an ONNX model says of one of its constants.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="ElementType">What its elements are.</param>
/// <param name="Dims">Extents, outermost first.</param>
/// <param name="Location">File that its data lies in, relative to the model's folder; null when the data is in the model.</param>
public sealed record OnnxInitializer(string Name, OnnxElementType ElementType, ImmutableArray<long> Dims, string? Location)
{
    /// <summary>Such as <c>conv1.weight: Float [20, 1, 5, 5]</c>.</summary>
    public override string ToString() => $"{Name}: {ElementType} [{string.Join(", ", Dims)}]{(Location is null ? "" : $" in {Location}")}";
}

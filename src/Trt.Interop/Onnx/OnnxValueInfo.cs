using System.Collections.Immutable;

namespace Trt.Interop;

/// <summary>Name and type of an input or output of an ONNX model.</summary>
public sealed record OnnxValueInfo
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is a tensor or something else.</summary>
    public OnnxValueKind Kind { get; init; } = OnnxValueKind.Tensor;

    /// <summary>What the elements of a tensor are.</summary>
    public OnnxElementType ElementType { get; init; }

    /// <summary>Extents, −1 where only a run knows; the default value when not even their number is known.</summary>
    public ImmutableArray<long> Dims { get; init; }

    /// <summary>For each extent its symbol, empty where it has none; as many as <see cref="Dims"/>.</summary>
    public ImmutableArray<string> DimNames { get; init; }

    /// <summary>Whether all extents are known.</summary>
    public bool IsStatic => !Dims.IsDefault && Dims.All(dim => dim >= 0);

    /// <summary>Such as <c>data: Float [N, 1, 28, 28]</c>; a question mark for what is not known.</summary>
    public override string ToString() => $"{Name}: {(Kind == OnnxValueKind.Tensor ? ElementType.ToString() : Kind.ToString())}{(Kind != OnnxValueKind.Tensor ? "" : Dims.IsDefault ? " of unknown rank" : $" [{string.Join(", ", Dims.Select(Extent))}]")}";

    private string Extent(long dim, int axis) => dim >= 0 ? $"{dim}" : !DimNames.IsDefault && DimNames[axis].Length > 0 ? DimNames[axis] : "?";
}

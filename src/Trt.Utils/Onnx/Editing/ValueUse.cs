using Trt.Onnx;

namespace Trt.Utils;

/// <summary>One place where a value is read.</summary>
/// <param name="Graph">The graph that the reader is in: the value's own, or one inside of it.</param>
/// <param name="Node">The reader; null where a graph inside hands the value out as its output.</param>
/// <param name="Index">Which input, or which output of the graph.</param>
internal readonly record struct ValueUse(EditableGraph Graph, NodeProto? Node, int Index)
{
    public bool Equals(ValueUse other) => ReferenceEquals(Graph, other.Graph) && ReferenceEquals(Node, other.Node) && Index == other.Index;

    public override int GetHashCode() => HashCode.Combine(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Node), Index);
}

using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>Where nodes are written: the main graph, the body of a loop, or a branch of a conditional.</summary>
/// <param name="graph">The graph; a scope within a scope may share it, to write the same layers again for other values.</param>
/// <param name="owner">The loop or conditional; null for the main graph.</param>
internal sealed class GraphScope(GraphProto graph, ControlScope? owner)
{
    public GraphProto Graph { get; } = graph;

    public ControlScope? Owner { get; } = owner;

    /// <summary>Whether layers of the loop that were written already are written again here.</summary>
    public bool Replays { get; init; }

    public Dictionary<CpuTensor, OnnxValue> Values { get; } = [];

    public Dictionary<DimExpr, OnnxValue> Numbers { get; } = [];

    /// <summary>In a loop's body: the number of the iteration, from 0.</summary>
    public OnnxValue Iteration { get; init; }

    /// <summary>In a loop's body: how many iterations there are at most; none where only a condition ends the loop.</summary>
    public OnnxValue Count { get; init; }
}

namespace Trt.Utils;

/// <summary>What a block of a plan is.</summary>
public enum PlanBlockKind
{
    /// <summary>Something unknown; see <see cref="PlanBlock.Tag"/>.</summary>
    Other,

    /// <summary>The engine itself.</summary>
    Engine,

    /// <summary>A lean runtime, a shared library that reads this plan on later releases.</summary>
    LeanRuntime,

    /// <summary>Weights.</summary>
    Weights,

    /// <summary>What the CPU runtime keeps of a network besides graph and weights, as JSON.</summary>
    Description,

    /// <summary>The CPU runtime's graph, an ONNX model.</summary>
    Graph,
}

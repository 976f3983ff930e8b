namespace Trt.Interop;

/// <summary>How far ONNX Runtime may change a graph before it runs it, with its own numbers.</summary>
public enum OnnxOptimizationLevel
{
    /// <summary>Not at all: every node is computed as it stands.</summary>
    None = 0,

    /// <summary>Constants are folded, what does nothing is left out.</summary>
    Basic = 1,

    /// <summary>Also nodes are fused into operators of ONNX Runtime's own.</summary>
    Extended = 2,

    /// <summary>Also layouts are changed.</summary>
    All = 99,
}

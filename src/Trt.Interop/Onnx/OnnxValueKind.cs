namespace Trt.Interop;

/// <summary>What an input or output of an ONNX model is.</summary>
public enum OnnxValueKind
{
    /// <summary>Not said.</summary>
    Unknown,

    /// <summary>A tensor.</summary>
    Tensor,

    /// <summary>A list of values.</summary>
    Sequence,

    /// <summary>A dictionary.</summary>
    Map,

    /// <summary>Of a type that only its domain knows.</summary>
    Opaque,

    /// <summary>A tensor given by its elements that are not zero.</summary>
    SparseTensor,

    /// <summary>A value that may be missing.</summary>
    Optional,
}

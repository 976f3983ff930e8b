namespace Trt.Utils;

/// <summary>Forms in which <see cref="DebugTensorFiles"/> writes all tensors.</summary>
[Flags]
public enum DebugTensorForms
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>One file, <c>tensor_summary.json</c>, with shapes, types, least, greatest and mean values.</summary>
    Summary = 1,

    /// <summary>An array that NumPy reads for each, <c>.npy</c>; types that NumPy lacks as float32 or int8.</summary>
    NumPy = 2,

    /// <summary>The values as text, a line for each row, <c>.str</c>.</summary>
    Text = 4,

    /// <summary>The bare bytes, <c>.raw</c>.</summary>
    Raw = 8,
}

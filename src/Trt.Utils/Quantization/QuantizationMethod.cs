namespace Trt.Utils;

/// <summary>How a network was made to run in 8 bits.</summary>
public enum QuantizationMethod
{
    /// <summary>The library calibrates when it builds, and chooses the layers.</summary>
    Calibrator,

    /// <summary>Layers that quantize and dequantize were written into the network.</summary>
    Explicit,

    /// <summary>The network had such layers before and was left as it is.</summary>
    Already,
}

namespace Trt.Utils;

/// <summary>Types besides 32-bit floats that the layers of an engine may compute in.</summary>
/// <remarks>
/// Where a release knows weak typing, these are permissions: the builder takes whichever is fastest for a layer. A strongly typed network (the
/// only kind in TensorRT 11 and TensorRT-RTX) has the types that are written in it, so it is rewritten to compute in the type asked for.
/// </remarks>
[Flags]
public enum Precision
{
    /// <summary>32-bit floats alone, with TF32 products where the GPU has them; see <see cref="BuildOptions.TF32"/>.</summary>
    FP32 = 0,

    /// <summary>16-bit floats with 10 bits of mantissa.</summary>
    FP16 = 1,

    /// <summary>16-bit floats with the range of 32-bit ones; Ampere and later.</summary>
    BF16 = 2,

    /// <summary>8-bit integers; needs a calibration, quantize layers in the network, or dynamic ranges.</summary>
    Int8 = 4,

    /// <summary>8-bit floats; needs quantize layers in the network or plugins.</summary>
    FP8 = 8,

    /// <summary>4-bit integers for weights; needs dequantize layers in the network or plugins.</summary>
    Int4 = 16,

    /// <summary>4-bit floats; needs quantize layers in the network or plugins.</summary>
    FP4 = 32,

    /// <summary>
    /// What is fastest: <see cref="FP16"/>; <see cref="BF16"/> where the GPU has it and the network may be weakly typed; <see cref="Int8"/> when
    /// there is a calibration or the network has quantize layers.
    /// </summary>
    Best = 64,
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>Shapes as they stand in messages and on command lines.</summary>
internal static class ShapeText
{
    /// <summary>Extents with an x between them, as in 1x3x640x640; "scalar" without any.</summary>
    public static string Of(Dims shape) => shape.NbDims switch
    {
        < 0 => "unknown",
        0 => "scalar",
        _ => string.Join('x', shape.ToArray()),
    };
}

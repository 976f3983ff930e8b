using Trt.Interop;

namespace Trt.Lite;

/// <summary>Shapes as Lite handles them.</summary>
internal static class Shapes
{
    /// <summary>Extents with an x between them; "scalar" without any.</summary>
    public static string Text(in Dims shape) => shape.NbDims switch
    {
        < 0 => "unknown",
        0 => "scalar",
        _ => string.Join('x', shape.ToArray().Select(extent => extent < 0 ? "?" : extent.ToString(System.Globalization.CultureInfo.InvariantCulture))),
    };

    /// <summary>The shape without its first axis.</summary>
    public static Dims WithoutFirst(Dims shape) => new(shape.AsSpan()[1..]);

    /// <summary>The shape with another axis before it.</summary>
    public static Dims With(long first, in Dims shape)
    {
        Dims result = new() { NbDims = shape.NbDims + 1 };
        result[0] = first;
        for (int axis = 0; axis < shape.NbDims; axis++)
        {
            result[axis + 1] = shape[axis];
        }

        return result;
    }

    /// <summary>Whether a shape is one that the expected one, in which −1 stands for any extent, allows.</summary>
    public static bool Fits(in Dims given, in Dims expected)
    {
        if (given.NbDims != expected.NbDims)
        {
            return false;
        }

        for (int axis = 0; axis < given.NbDims; axis++)
        {
            if (expected[axis] >= 0 ? given[axis] != expected[axis] : given[axis] < 0)
            {
                return false;
            }
        }

        return true;
    }
}

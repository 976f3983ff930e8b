using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The arithmetic of windows that move over spatial axes, shared by convolution, deconvolution and pooling.</summary>
internal static class Windows
{
    /// <summary>Padding before and after the data on one axis.</summary>
    /// <param name="Before">Elements before.</param>
    /// <param name="After">Elements after.</param>
    /// <param name="Automatic">The padding depends on an extent that only a run knows and is computed there.</param>
    public readonly record struct AxisPadding(long Before, long After, bool Automatic = false);

    public static bool IsSame(PaddingMode mode) => mode is PaddingMode.SameUpper or PaddingMode.SameLower;

    /// <summary>How many windows fit on an axis.</summary>
    public static DimExpr Count(DimExpr extent, long window, long stride, long before, long after, PaddingMode mode)
    {
        if (IsSame(mode))
        {
            return DimExpr.CeilDiv(extent, DimExpr.Constant(stride));
        }

        DimExpr room = extent + (before + after - window);
        DimExpr step = DimExpr.Constant(stride);
        return (mode == PaddingMode.ExplicitRoundUp ? DimExpr.CeilDiv(room, step) : DimExpr.FloorDiv(room, step)) + 1;
    }

    /// <summary>The padding that makes ONNX's own count come out the same.</summary>
    public static AxisPadding Padding(DimExpr extent, DimExpr count, long window, long stride, long before, long after, PaddingMode mode)
    {
        if (mode == PaddingMode.ExplicitRoundDown)
        {
            return new AxisPadding(before, after);
        }

        if (!extent.IsConstant)
        {
            return stride == 1 && !IsSame(mode) ? new AxisPadding(before, after)
                : stride == 1 ? Split(window - 1, mode)
                : new AxisPadding(before, after, true);
        }

        long needed = ((count.Number - 1) * stride) + window;
        return IsSame(mode)
            ? Split(Math.Max(needed - extent.Number, 0), mode)
            : new AxisPadding(before, Math.Max(needed - extent.Number - before, after));
    }

    /// <summary>ONNX's list of paddings: all befores, then all afters.</summary>
    public static long[] Flat(IReadOnlyList<AxisPadding> paddings) => [.. paddings.Select(padding => padding.Before), .. paddings.Select(padding => padding.After)];

    private static AxisPadding Split(long total, PaddingMode mode)
    {
        long small = total / 2;
        return mode == PaddingMode.SameUpper ? new AxisPadding(small, total - small) : new AxisPadding(total - small, small);
    }
}

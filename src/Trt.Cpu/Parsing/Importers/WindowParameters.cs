using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>What a sliding window has: extents, steps and paddings on each spatial axis.</summary>
internal sealed class WindowParameters
{
    private WindowParameters(long[] kernel, long[] strides, long[] dilations, long[] before, long[] after, PaddingMode mode)
    {
        Kernel = kernel;
        Strides = strides;
        Dilations = dilations;
        Before = before;
        After = after;
        Mode = mode;
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    public long[] Before { get; }

    public long[] After { get; }

    public PaddingMode Mode { get; private set; }

    /// <summary>Reads a node's attributes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="size">Extents of the window; the attribute kernel_shape must agree.</param>
    /// <param name="flat">Whether the data has one spatial axis, beside which one of extent 1 is put.</param>
    /// <param name="roundUp">Whether a window that only begins inside counts.</param>
    public static WindowParameters Of(ImportNode node, long[] size, bool flat, bool roundUp)
    {
        int count = size.Length;
        long[] Axes(string name, long otherwise)
        {
            long[] given = node.Ints(name) ?? Enumerable.Repeat(otherwise, count).ToArray();
            long[] all = flat && given.Length == 1 ? [given[0], otherwise] : given;
            return all.Length == count ? all : throw node.Unsupported($"{name} has {given.Length} numbers for {count} spatial axes.");
        }

        long[] kernel = node.Ints("kernel_shape") is { } wanted ? flat && wanted.Length == 1 ? [wanted[0], 1] : wanted : size;
        if (!kernel.SequenceEqual(size))
        {
            throw node.Unsupported($"kernel_shape [{string.Join(',', kernel)}] is not that of the weights, [{string.Join(',', size)}].");
        }

        long[] strides = Axes("strides", 1);
        long[] dilations = Axes("dilations", 1);
        long[] before = new long[count];
        long[] after = new long[count];
        PaddingMode mode = roundUp ? PaddingMode.ExplicitRoundUp : PaddingMode.ExplicitRoundDown;
        switch (node.Text("auto_pad", "NOTSET"))
        {
            case "SAME_UPPER":
                mode = PaddingMode.SameUpper;
                break;
            case "SAME_LOWER":
                mode = PaddingMode.SameLower;
                break;
            case "VALID":
                break;
            default:
                if (node.Ints("pads") is { } pads)
                {
                    int half = pads.Length / 2;
                    if (pads.Length % 2 != 0 || half > count || (half < count && !(flat && half == 1)))
                    {
                        throw node.Unsupported($"pads has {pads.Length} numbers for {count} spatial axes.");
                    }

                    pads.AsSpan(0, half).CopyTo(before);
                    pads.AsSpan(half, half).CopyTo(after);
                }

                break;
        }

        if (before.Any(pad => pad < 0) || after.Any(pad => pad < 0))
        {
            throw node.Unsupported("Negative paddings are not supported.", OnnxCode.UnsupportedNodeAttr);
        }

        return new WindowParameters(kernel, strides, dilations, before, after, mode);
    }

    /// <summary>ONNX leaves out a last window that begins after the data, TensorRT's rounding up does not: then the padding makes the rounding.</summary>
    /// <param name="extents">Extents of the data on the spatial axes, −1 where unknown.</param>
    public void DropWindowsInPadding(ReadOnlySpan<long> extents)
    {
        if (Mode != PaddingMode.ExplicitRoundUp || extents.ContainsAnyInRange(long.MinValue, -1))
        {
            return;
        }

        bool drops = false;
        long[] after = [.. After];
        for (int i = 0; i < extents.Length; i++)
        {
            long reach = ((Kernel[i] - 1) * Dilations[i]) + 1;
            long steps = (extents[i] + Before[i] + After[i] - reach + Strides[i] - 1) / Strides[i];
            if (steps * Strides[i] >= extents[i] + Before[i])
            {
                drops = true;
            }
            else
            {
                after[i] = Math.Max(After[i], (steps * Strides[i]) + reach - extents[i] - Before[i]);
            }
        }

        if (drops)
        {
            after.CopyTo(After, 0);
            Mode = PaddingMode.ExplicitRoundDown;
        }
    }
}

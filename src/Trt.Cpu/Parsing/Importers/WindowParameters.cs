using Trt.Interop;

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

            // As for NVIDIA's parser, numbers too many are ignored and missing ones have their default.
            return [.. all.Take(count), .. Enumerable.Repeat(otherwise, Math.Max(0, count - all.Length))];
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
                    int used = Math.Min(half, count);
                    pads.AsSpan(0, used).CopyTo(before);
                    pads.AsSpan(half, used).CopyTo(after);
                }

                break;
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

using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>How a window moves over the spatial axes: attributes that convolutions and poolings share.</summary>
internal sealed class Window
{
    private Window(int axes)
    {
        Stride = Filled(axes, 1);
        Dilation = Filled(axes, 1);
        Before = Filled(axes, 0);
        After = Filled(axes, 0);
    }

    public long[] Stride { get; private init; }

    public long[] Dilation { get; private init; }

    public long[] Before { get; private init; }

    public long[] After { get; private init; }

    public PaddingMode Mode { get; private set; } = PaddingMode.ExplicitRoundDown;

    /// <summary>Reads <c>strides</c>, <c>dilations</c>, <c>pads</c>, <c>auto_pad</c> and <c>ceil_mode</c>; numbers too many are ignored, missing ones have their default.</summary>
    public static Window Of(ImportNode node, int axes)
    {
        Window window = new(axes);
        Take(node.Ints("strides"), window.Stride);
        Take(node.Ints("dilations"), window.Dilation);
        switch (node.Text("auto_pad", "NOTSET"))
        {
            case "SAME_UPPER": window.Mode = PaddingMode.SameUpper; break;
            case "SAME_LOWER": window.Mode = PaddingMode.SameLower; break;
            case "VALID": break;
            default:
                long[] pads = node.Ints("pads") ?? [];
                int half = Math.Min(pads.Length / 2, axes);
                Take(pads[..half], window.Before);
                Take(pads[(pads.Length / 2)..], window.After);
                window.Mode = node.Int("ceil_mode", 0) != 0 ? PaddingMode.ExplicitRoundUp : PaddingMode.ExplicitRoundDown;
                break;
        }

        return window;
    }

    private static void Take(long[]? from, long[] to) => from?.AsSpan(0, Math.Min(from.Length, to.Length)).CopyTo(to);

    private static long[] Filled(int count, long value)
    {
        long[] values = new long[count];
        Array.Fill(values, value);
        return values;
    }
}

using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Conv(Pad(x)) where zeros are put around the axes that the convolution slides along: the convolution pads itself.</summary>
internal sealed class FusePadIntoConv() : NodePass("fuse_pad_into_conv", "Pad with zeros goes into the convolution behind it")
{
    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("Conv") || node.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID") || graph.Producer(node.InputAt(0), "Pad") is not { } pad || pad.InputAt(0) is not { } value
            || pad.Text("mode", "constant") != "constant" || !IsZero(graph, pad) || graph.RankOf(node.InputAt(1)) is not { } rank || Pads(graph, pad, rank) is not { } pads)
        {
            return false;
        }

        int spatial = rank - 2;
        if (pads.Any(count => count < 0) || pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0)
        {
            return false;
        }

        long[] own = node.Text("auto_pad", "NOTSET") == "VALID" ? new long[2 * spatial] : node.Ints("pads") ?? new long[2 * spatial];
        if (own.Length != 2 * spatial)
        {
            return false;
        }

        for (int axis = 0; axis < spatial; axis++)
        {
            own[axis] += pads[axis + 2];
            own[spatial + axis] += pads[rank + axis + 2];
        }

        node.Unset("auto_pad");
        node.Set("pads", own);
        graph.SetInput(node, 0, value);
        graph.RemoveIfUnused(pad);
        return true;
    }

    private static bool IsZero(EditableGraph graph, NodeProto pad)
    {
        if (pad.InputAt(2) is not { } value)
        {
            return pad.Float("value", 0) == 0;
        }

        return graph.Constant(value) is { ElementCount: 1 } constant && FloatNumbers.Supports(constant.ElementType) && FloatNumbers.Read(constant)[0] == 0;
    }

    /// <summary>Counts before and behind each of all axes.</summary>
    private static long[]? Pads(EditableGraph graph, NodeProto pad, int rank)
    {
        long[]? pads = pad.Ints("pads") ?? pad.Ints("paddings") ?? graph.Integers(pad.InputAt(1));
        if (pad.InputAt(3) is { } input)
        {
            if (graph.Integers(input) is not { } axes || pads is null || pads.Length != 2 * axes.Length)
            {
                return null;
            }

            long[] all = new long[2 * rank];
            for (int i = 0; i < axes.Length; i++)
            {
                if (PassAxes.FromFront(axes[i], rank) is not { } axis || axis >= rank)
                {
                    return null;
                }

                all[axis] = pads[i];
                all[rank + axis] = pads[axes.Length + i];
            }

            return all;
        }

        return pads?.Length == 2 * rank ? pads : null;
    }
}

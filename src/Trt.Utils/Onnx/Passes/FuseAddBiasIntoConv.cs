using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Conv(x, w) + c with one constant number for each channel: c becomes the convolution's bias, or is added to it.</summary>
internal sealed class FuseAddBiasIntoConv() : NodePass("fuse_add_bias_into_conv", "a constant added to a convolution's channels becomes its bias")
{
    private const int ImplicitBroadcast = 7;
    private const int MostChannels = 1 << 20; // what a file only claims to have takes no memory

    protected override bool Change(EditableGraph graph, NodeProto node) => node.Is("Add") && node.Input.Count == 2 && (Fuse(graph, node, 0) || Fuse(graph, node, 1));

    private static bool Fuse(EditableGraph graph, NodeProto add, int side)
    {
        if (graph.Producer(add.Input[side], "Conv") is not { } conv || !graph.HasOneUse(add.Input[side]) || add.OutputAt(0) is not { } output
            || graph.TypeOf(conv.InputAt(1)) is not { Dims: { IsDefault: false, Length: >= 3 } weight, Element: var element } || weight[0].Value is < 0 or > MostChannels
            || graph.ConstantOf(add.Input[1 - side]) is not { } constant || (OnnxElementType)constant.DataType != element || !FloatNumbers.Supports(element))
        {
            return false;
        }

        long channels = weight[0].Value;
        long[] dims = [.. constant.Dims];
        if (graph.Model.Opset < ImplicitBroadcast)
        {
            if (side != 0 || add.Int("broadcast", 0) == 0 || add.Int("axis", -1) != 1 || dims is not [var only] || only != channels)
            {
                return false;
            }
        }
        else if (!IsPerChannel(dims, weight.Length, channels))
        {
            return false;
        }

        double[] bias = FloatNumbers.Read(graph.Model.Contents.Read(constant));
        if (conv.InputAt(2) is { } old)
        {
            if (graph.Constant(old) is not { } before || before.ElementType != element || before.ElementCount != channels)
            {
                return false;
            }

            double[] sum = FloatNumbers.Read(before);
            bias = [.. sum.Select((value, i) => value + bias[bias.Length == 1 ? 0 : i])];
        }
        else if (bias.Length == 1)
        {
            bias = [.. Enumerable.Repeat(bias[0], (int)channels)];
        }

        graph.SetInput(conv, 2, graph.AddInitializer($"{output}_bias", FloatNumbers.Write(element, [channels], bias)));
        graph.HandOver(add, conv, 0, output);
        return true;
    }

    /// <summary>Whether a constant has a number for each channel, or one for all, and makes the result no larger.</summary>
    private static bool IsPerChannel(long[] dims, int rank, long channels)
    {
        if (dims.Length > rank)
        {
            return false;
        }

        for (int i = 0; i < dims.Length; i++)
        {
            int axis = rank - dims.Length + i;
            if (dims[i] != 1 && !(axis == 1 && dims[i] == channels))
            {
                return false;
            }
        }

        return true;
    }
}

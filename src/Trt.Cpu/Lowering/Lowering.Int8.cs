using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <content>INT8: what a layer reads is rounded to 8 bits and back, so that results have the error of 8 bits.</content>
/// <remarks>
/// Written with plain arithmetic and not with ONNX's QuantizeLinear: ONNX Runtime would fuse that into 8-bit kernels, some of which saturate between
/// multiplication and addition on processors without 8-bit dot products.
/// </remarks>
internal sealed partial class Lowering
{
    /// <summary>The least normal float, so that channels of zeros divide by something.</summary>
    private const float LeastScale = 1.17549435e-38f;

    /// <summary>What runs in INT8; null for nothing.</summary>
    public Int8Plan? Int8 { get; init; }

    /// <summary>Makes a tensor an output of a graph for measuring, as 32-bit floats.</summary>
    public void AddMeasured(CpuTensor tensor)
    {
        OnnxValue source = Cast(Value(tensor), DataType.Float);
        OnnxValue value = new($"o{Graph.Output.Count}", DataType.Float);
        Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { source.Name }, Output = { value.Name } });
        Graph.Output.Add(Declaration(value, null));
    }

    /// <summary>An input of the current layer for arithmetic, in steps of its scale where the layer runs in INT8.</summary>
    public OnnxValue Data(int input)
    {
        OnnxValue value = Real(input);
        return Int8 is { } plan && plan.Layers.Contains(Layer) && plan.Scales.TryGetValue(Layer.RequiredInput(input), out float scale)
            ? Rounded(value, Scale(Layer.RequiredInput(input), scale, value.Type), -128)
            : value;
    }

    /// <summary>Whether an input of the current layer is made of constants and the layer runs in INT8, which gives each output channel a scale of its own.</summary>
    public bool IsWeight(int input) => Int8 is { } plan && plan.Layers.Contains(Layer) && plan.Fused.IsFolded(Layer.RequiredInput(input));

    /// <summary>Weights of the current layer, in steps of a scale for each output channel where it runs in INT8.</summary>
    /// <param name="weights">The weights, as 32-bit floats.</param>
    /// <param name="rank">Number of their axes.</param>
    /// <param name="channelAxis">The axis of output channels; negative for one scale for all.</param>
    public OnnxValue Kernel(OnnxValue weights, int rank, int channelAxis)
    {
        if (Int8 is not { } plan || !plan.Layers.Contains(Layer))
        {
            return weights;
        }

        // ONNX Runtime folds all of this when the engine is loaded.
        long[] axes = [.. Enumerable.Range(0, rank).Where(axis => axis != channelAxis).Select(axis => (long)axis)];
        OnnxValue greatest = Node("ReduceMax", weights.Type, [Node("Abs", weights.Type, [weights]), Integers(axes)], Attr.Int("keepdims", 1));
        OnnxValue scale = Node("Max", weights.Type, [Node("Div", weights.Type, [greatest, Number(127, weights.Type)]), Number(LeastScale, weights.Type)]);
        return Rounded(weights, scale, -127);
    }

    private OnnxValue Rounded(OnnxValue value, OnnxValue scale, int least)
    {
        OnnxValue steps = Node("Round", value.Type, [Node("Div", value.Type, [value, scale])]);
        OnnxValue clamped = Node("Clip", value.Type, [steps, Number(least, value.Type), Number(127, value.Type)]);
        return Node("Mul", value.Type, [clamped, scale]);
    }
}

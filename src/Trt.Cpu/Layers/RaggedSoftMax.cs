using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Softmax along the last axis over the first elements of each row only; a second tensor says how many, the others become 0.</summary>
internal sealed class RaggedSoftMax : CpuLayer, IRaggedSoftMaxLayer
{
    private RaggedSoftMax(CpuNetwork network, CpuTensor input, CpuTensor bounds)
        : base(network, 1, input, bounds)
    {
    }

    public override LayerType Type => LayerType.RaggedSoftmax;

    protected override string Tag => "Ragged SoftMax";

    protected override string Interface => "IRaggedSoftMaxLayer";

    public static RaggedSoftMax Create(CpuNetwork network, ITensor input, ITensor bounds)
    {
        CpuTensor first = network.Own(input);
        CpuTensor second = network.Own(bounds);
        (Dims dims, Dims limits) = (first.Dimensions, second.Dimensions);
        if (dims.NbDims != limits.NbDims)
        {
            throw network.RefuseAdd("addRaggedSoftMax", $"input and bounds have the same number of dimensions. They are {Extents.Text(dims)} and {Extents.Text(limits)}");
        }

        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            if (dims[axis] >= 0 && limits[axis] >= 0 && limits[axis] != dims[axis] && limits[axis] != 1)
            {
                throw network.RefuseAdd("addRaggedSoftMax", $"each dimension of bounds is that of input or 1. They are {Extents.Text(limits)} and {Extents.Text(dims)}");
            }
        }

        return new RaggedSoftMax(network, first, second);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input tensor", Types.Real);
        context.CheckType(1, "bounds tensor", [DataType.Int32, DataType.Int64]);
        DimExpr[] dims = context.Dims(0);
        if (dims.Length != 3)
        {
            throw context.Refuse($"input must have exactly 3 dimensions. It has {dims.Length}.");
        }

        context.RequireFits(context.Dims(1), dims, "bounds");
        context.Set(0, dims);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Float(0);
        OnnxValue bounds = graph.Cast(graph.Input(1), DataType.Int64);
        OnnxValue length = graph.Node("Squeeze", DataType.Int64, [graph.Number(graph.Dims(0)[2])]);
        OnnxValue places = graph.Node("Range", DataType.Int64, [graph.Number(0, DataType.Int64), length, graph.Number(1, DataType.Int64)]);
        OnnxValue isInside = graph.Node("Less", DataType.Bool, [places, bounds]);
        OnnxValue inside = graph.Node("Where", x.Type, [isInside, x, graph.Number(double.NegativeInfinity, x.Type)]);
        OnnxValue soft = graph.Node("Softmax", x.Type, [inside], Attr.Int("axis", 2));
        graph.Set(0, graph.Node("Where", x.Type, [isInside, soft, graph.Number(0, x.Type)]));
    }
}

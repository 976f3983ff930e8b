using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Turns the beginnings of sequences round, each as far as its length says.</summary>
internal sealed class ReverseSequence : CpuLayer, IReverseSequenceLayer
{
    private readonly int rank;
    private int batchAxis = 1;
    private int sequenceAxis;

    private ReverseSequence(CpuNetwork network, CpuTensor input, CpuTensor lengths, int rank)
        : base(network, 1, input, lengths) => this.rank = rank;

    public override LayerType Type => LayerType.ReverseSequence;

    public int BatchAxis
    {
        get => Get(batchAxis);
        set => Set(ref batchAxis, value, value >= 0 && value < rank, "setBatchAxis", $"batchAxis >= 0 && batchAxis < {rank}");
    }

    public int SequenceAxis
    {
        get => Get(sequenceAxis);
        set => Set(ref sequenceAxis, value, value >= 0 && value < rank, "setSequenceAxis", $"sequenceAxis >= 0 && sequenceAxis < {rank}");
    }

    protected override string Tag => "ReverseSequence";

    protected override string Interface => "IReverseSequenceLayer";

    public static ReverseSequence Create(CpuNetwork network, ITensor input, ITensor lengths)
    {
        (CpuTensor own, CpuTensor sizes) = (network.Own(input), network.Own(lengths));
        int rank = own.Dimensions.NbDims;
        return rank < 2 ? throw network.RefuseAdd("addReverseSequence", $"inputDims.nbDims >= 2. It is {rank}")
            : sizes.Dimensions.NbDims != 1 ? throw network.RefuseAdd("addReverseSequence", $"sequenceLensDims.nbDims == 1. It is {sizes.Dimensions.NbDims}")
            : new ReverseSequence(network, own, sizes, rank);
    }

    public override void Infer(Inference context)
    {
        context.CheckType(1, "sequence_lens", Types.Integers);
        DimExpr[] dims = context.Dims(0);
        if (batchAxis >= dims.Length || sequenceAxis >= dims.Length)
        {
            throw context.Refuse($"batch axis {batchAxis} and sequence axis {sequenceAxis} must be below the number of dimensions, {dims.Length}.");
        }

        if (batchAxis == sequenceAxis)
        {
            throw context.Refuse($"batch axis and sequence axis cannot be the same. Both are {batchAxis}.", ErrorCode.InvalidArgument);
        }

        context.RequireInBuild(ShapeRuleKind.Equal, dims[batchAxis], context.Dims(1)[0], "the batch has {0} sequences in the input, but {1} lengths.");
        context.Set(0, dims);
    }

    public override void Lower(Lowering graph)
    {
        // ONNX has it for the first two axes.
        int count = graph.Dims(0).Length;
        long[] there = [sequenceAxis, batchAxis, .. Enumerable.Range(0, count).Where(axis => axis != sequenceAxis && axis != batchAxis).Select(axis => (long)axis)];
        long[] back = [.. Enumerable.Range(0, count).Select(axis => (long)Array.IndexOf(there, axis))];
        OnnxValue x = graph.Transpose(graph.Carried(graph.Input(0)), there);
        OnnxValue reversed = graph.Node("ReverseSequence", x.Type, [x, graph.Cast(graph.Input(1), DataType.Int64)], Attr.Int("time_axis", 0), Attr.Int("batch_axis", 1));
        graph.Set(0, graph.Transpose(reversed, back));
    }
}

using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>TensorRT 8.x's product of the last three dimensions, taken as one, with a matrix of weights.</summary>
internal sealed class FullyConnected : CpuLayer, IFullyConnectedLayer
{
    private int outputs;
    private Weights kernel;
    private Weights bias;

    private FullyConnected(CpuNetwork network, CpuTensor input, int outputs, Weights kernel, Weights bias)
        : base(network, 1, input)
    {
        this.outputs = outputs;
        this.kernel = kernel;
        this.bias = bias;
    }

    public override LayerType Type => LayerType.FullyConnected;

    public int NbOutputChannels
    {
        get => Get(outputs);
        set => Set(ref outputs, value, value > 0, "setNbOutputChannels", "nbOutputs > 0");
    }

    public Weights KernelWeights
    {
        get => Get(kernel);
        set => Set(ref kernel, value, true, "setKernelWeights", string.Empty);
    }

    public Weights BiasWeights
    {
        get => Get(bias);
        set => Set(ref bias, value, true, "setBiasWeights", string.Empty);
    }

    protected override string Tag => "Fully Connected";

    protected override string Interface => "IFullyConnectedLayer";

    protected override int? InputLimit => 3;

    public static FullyConnected Create(CpuNetwork network, ITensor input, int outputs, Weights kernel, Weights bias)
    {
        CpuTensor own = network.Own(input);
        return outputs > 0
            ? new FullyConnected(network, own, outputs, kernel, bias)
            : throw network.RefuseAdd("addFullyConnected", $"nbOutputs > 0. It is {outputs}");
    }

    public override IEnumerable<(WeightsRole? Role, Weights Weights)> OwnWeights() => [(WeightsRole.Kernel, kernel), (WeightsRole.Bias, bias)];

    public override void Infer(Inference context)
    {
        context.CheckType(0, "input", Types.Real);
        DimExpr[] dims = context.AtLeastRank(0, 3);
        DimExpr width = DimExpr.Volume(dims.AsSpan(dims.Length - 3));
        if (!width.IsConstant)
        {
            throw context.Refuse("the last three dimensions of the input must be known when building.");
        }

        CheckWeights(context, 1, kernel, "kernel", [outputs, width.Number], true);
        CheckWeights(context, 2, bias, "bias", [outputs], false);
        context.Set(0, [.. dims[..^3], DimExpr.Constant(outputs), DimExpr.One, DimExpr.One]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue x = graph.Cast(graph.Data(0), DataType.Float);
        DimExpr[] dims = graph.Dims(0);
        DimExpr width = DimExpr.Volume(dims.AsSpan(dims.Length - 3));
        OnnxValue rows = graph.Node("Reshape", x.Type, [x, graph.Shape([DimExpr.Volume(dims.AsSpan(0, dims.Length - 3)), width])]);
        OnnxValue w = graph.Kernel(graph.Has(1) ? graph.Cast(graph.Real(1), x.Type) : graph.Weights(kernel, [outputs, width.Number], x.Type, WeightsRole.Kernel), 2, 0);
        OnnxValue[] operands = graph.Has(2) ? [rows, w, graph.Cast(graph.Real(2), x.Type)]
            : bias.Count > 0 ? [rows, w, graph.Weights(bias, [outputs], x.Type, WeightsRole.Bias)]
            : [rows, w];
        OnnxValue product = graph.Node("Gemm", x.Type, operands, Attr.Int("transB", 1));
        graph.Set(0, graph.Node("Reshape", x.Type, [product, graph.Shape(graph.OutputDims(0))]));
    }

    private void CheckWeights(Inference context, int input, Weights weights, string role, long[] shape, bool required)
    {
        Dims wanted = new(shape);
        if (context.Has(input))
        {
            if (!context.Dims(input).AsSpan().SequenceEqual(Extents.Constants(wanted)))
            {
                throw context.Refuse($"the {role} given as a tensor has dimensions {Extents.Text(context.Dims(input))} but {Extents.Text(wanted)} was expected.");
            }
        }
        else if ((required || weights.Count > 0) && (weights.Count != wanted.Volume || weights.Values == 0 || !Types.IsSupported(weights.Type)))
        {
            throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage, $"{Label}: {role} has {weights.Count} weights of type {Types.Name(weights.Type)}, but {wanted.Volume} are needed.")
            {
                Preface = $"Error Code: 3: {Label}:{role} weights has count {weights.Count} but {wanted.Volume} was expected",
            };
        }
    }
}

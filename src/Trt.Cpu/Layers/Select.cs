using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Elements of one tensor where a condition holds, of another one elsewhere.</summary>
internal sealed class Select : CpuLayer, ISelectLayer
{
    private Select(CpuNetwork network, CpuTensor condition, CpuTensor yes, CpuTensor no)
        : base(network, 1, condition, yes, no)
    {
    }

    public override LayerType Type => LayerType.Select;

    protected override string Tag => "Select";

    protected override string Interface => "ISelectLayer";

    public static Select Create(CpuNetwork network, ITensor condition, ITensor yes, ITensor no) => new(network, network.Own(condition), network.Own(yes), network.Own(no));

    public override void Infer(Inference context)
    {
        DimExpr[] condition = context.Dims(0);
        DimExpr[] yes = context.Dims(1);
        DimExpr[] no = context.Dims(2);
        if (condition.Length != yes.Length || yes.Length != no.Length)
        {
            throw Refusal.Shape($"broadcast dimensions must be conformable. The inputs have dimensions {Extents.Text(condition)}, {Extents.Text(yes)} and {Extents.Text(no)}.");
        }

        DimExpr[] result = context.Broadcast(context.Broadcast(condition, yes), no);
        (DataType one, DataType other) = (context.Type(1), context.Type(2));
        if (one != other && (Network.IsStronglyTyped || !Types.IsFloating(one) || !Types.IsFloating(other)))
        {
            string text = $"must have thenInput and elseInput of the same type. They are {Types.Name(one)} and {Types.Name(other)}.";
            throw Types.IsFloating(one) && Types.IsFloating(other) ? context.Refuse($"{Interface} {text}") : Refusal.Internal($"An {Interface} {text}");
        }

        context.CheckType(0, "condition input", [DataType.Bool]);
        context.Set(0, result, context.Values(0) is { } choice && context.Values(1) is { } first && context.Values(2) is { } second
            ? SmallTensor.Make(result, index =>
            {
                DimExpr chooses = SmallTensor.At(choice, condition, index)!;
                return DimExpr.Choose(chooses, SmallTensor.At(first, yes, index)!, SmallTensor.At(second, no, index)!);
            })
            : null);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue yes = graph.Carried(graph.Input(1));
        graph.Set(0, graph.Where(graph.Input(0), yes, graph.Cast(graph.Input(2), yes.Type)));
    }

    protected override DataType OutputType(int output) => Propagated(1);
}

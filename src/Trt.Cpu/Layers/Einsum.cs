using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Sums of products, as an equation of subscripts says.</summary>
internal sealed class Einsum : CpuLayer, IEinsumLayer
{
    private string text;
    private EinsumEquation equation;

    private Einsum(CpuNetwork network, CpuTensor[] inputs, string text, EinsumEquation equation)
        : base(network, 1, inputs)
    {
        this.text = text;
        this.equation = equation;
    }

    public override LayerType Type => LayerType.Einsum;

    public string Equation
    {
        get => Get(text);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.ThrowIfDisposed();
            equation = Parse(Network, value, Inputs.Count, Label, "IEinsumLayer::setEquation");
            text = value;
            Changed();
        }
    }

    protected override string Tag => "Einsum";

    protected override string Interface => "IEinsumLayer";

    public static Einsum Create(CpuNetwork network, ReadOnlySpan<ITensor> inputs, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        network.ThrowIfDisposed();
        if (inputs.IsEmpty)
        {
            throw network.RefuseAdd("addEinsum", "nbInputs > 0. It is 0");
        }

        CpuTensor[] own = new CpuTensor[inputs.Length];
        for (int i = 0; i < own.Length; i++)
        {
            own[i] = network.Own(inputs[i]);
        }

        // The name that the layer would have.
        string label = $"(Unnamed Layer* {network.LayerList.Count}) [Einsum]";
        return new Einsum(network, own, text, Parse(network, text, own.Length, label, "INetworkDefinition::addEinsum"));
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Real);
        Dictionary<char, DimExpr> extents = [];
        DimExpr[] shared = [];
        for (int i = 0; i < Inputs.Count; i++)
        {
            if (context.Type(i) != context.Type(0) && (Network.IsStronglyTyped || !Types.IsFloating(context.Type(0)) || !Types.IsFloating(context.Type(i))))
            {
                throw context.Refuse($"all inputs must have the same type. Input {i} has type {Types.Name(context.Type(i))} and input 0 {Types.Name(context.Type(0))}.");
            }

            string term = equation.Inputs[i];
            DimExpr[] dims = context.Dims(i);
            int free = dims.Length - term.Count(char.IsAsciiLetterLower);
            if (free < 0 || (free > 0 && !term.Contains(EinsumEquation.Ellipsis)))
            {
                throw context.Refuse($"the number of subscripts for input {i} is {term.Length}, but it has {dims.Length} dimensions.");
            }

            int axis = 0;
            foreach (char label in term)
            {
                if (label == EinsumEquation.Ellipsis)
                {
                    shared = Broadcast(context, shared, dims[axis..(axis + free)]);
                    axis += free;
                    continue;
                }

                extents[label] = extents.TryGetValue(label, out DimExpr? known) ? context.Broadcast([known], [dims[axis]])[0] : dims[axis];
                axis++;
            }
        }

        if (context.Type(0) == DataType.Int8)
        {
            context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{Label}: sums of products of type Int8 are not supported; dequantize the inputs."));
        }

        context.Set(0, [.. equation.Output.SelectMany(label => label == EinsumEquation.Ellipsis ? shared : [extents[label]])]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue[] operands = [.. Enumerable.Range(0, Inputs.Count).Select(graph.Real)];
        graph.Set(0, graph.Node("Einsum", operands[0].Type, operands, Attr.Text("equation", equation.Text)));
    }

    private static EinsumEquation Parse(CpuNetwork network, string text, int operands, string label, string method)
    {
        try
        {
            return EinsumEquation.Parse(text, operands);
        }
        catch (FormatException wrong)
        {
            throw network.Journal.Failure(method, Refusal.Argument($"{label}: the equation \"{text}\" is wrong: {wrong.Message}."));
        }
    }

    private static DimExpr[] Broadcast(Inference context, DimExpr[] one, DimExpr[] other)
    {
        int rank = Math.Max(one.Length, other.Length);
        return context.Broadcast(Longer(one), Longer(other));

        DimExpr[] Longer(DimExpr[] dims) => [.. Enumerable.Repeat(DimExpr.One, rank - dims.Length), .. dims];
    }
}

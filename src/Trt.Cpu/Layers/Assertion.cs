using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Demands that a condition computed from shapes holds.</summary>
internal sealed class Assertion : CpuLayer, IAssertionLayer
{
    private string message;

    private Assertion(CpuNetwork network, CpuTensor condition, string message)
        : base(network, 0, condition) => this.message = message;

    public override LayerType Type => LayerType.Assertion;

    public string Message
    {
        get => Get(message);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Set(ref message, value, true, "setMessage", string.Empty);
        }
    }

    protected override string Tag => "Assertion";

    protected override string Interface => "IAssertionLayer";

    public static Assertion Create(CpuNetwork network, ITensor condition, string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new Assertion(network, network.Own(condition), message);
    }

    public override bool ReadsValues(int input) => true;

    public override void Infer(Inference context)
    {
        if (context.Values(0) is { } conditions)
        {
            for (int i = 0; i < conditions.Length; i++)
            {
                if (!conditions[i].IsConstant && !conditions[i].HasUnknown)
                {
                    context.Rules.Add(new ShapeRule(ShapeRuleKind.Assertion, conditions[i], DimExpr.One, Text(context, i)));
                }
            }
        }
    }

    public override void Validate(Inference context)
    {
        if (context.Type(0) != DataType.Bool)
        {
            throw context.Refuse($"the condition must have type Bool. It has {Types.Name(context.Type(0))}.");
        }

        DimExpr[] dims = context.Dims(0);
        if (dims.Length > 1)
        {
            throw context.Refuse($"the condition must have no or one dimension. It has {Extents.Text(dims)}.");
        }

        DimExpr[] conditions = context.Values(0) is { } known && !known.Any(condition => condition.HasUnknown) ? known
            : throw context.Refuse($"the condition {RequiredInput(0)} must follow from shapes, constants and shape inputs of type Int32 or Int64; it depends on other data.");
        int failed = Array.FindIndex(conditions, condition => condition is { IsConstant: true, Number: 0 });
        if (failed >= 0)
        {
            throw Refusal.Api(Text(context, failed));
        }
    }

    public override void Lower(Lowering graph)
    {
        // What it demands is checked with the shapes, before the graph runs.
    }

    private string Text(Inference context, int element) =>
        $"IAssertionLayer {Label}: condition{(context.Dims(0).Length == 0 ? string.Empty : $"[{element}]")} is false. {message}";
}

using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Something that must hold of extents and could not be decided before the shapes of a run are known.</summary>
/// <param name="Kind">What is compared.</param>
/// <param name="Left">First expression.</param>
/// <param name="Right">Second expression.</param>
/// <param name="Text">What is said when it does not hold; <c>{0}</c> and <c>{1}</c> become the two numbers.</param>
internal sealed record ShapeRule(ShapeRuleKind Kind, DimExpr Left, DimExpr Right, string Text)
{
    /// <summary>Checks the rule.</summary>
    /// <exception cref="Refusal">It does not hold.</exception>
    public void Check(IDimSource source)
    {
        long left = Left.Evaluate(source);
        long right = Right.Evaluate(source);
        bool holds = Kind switch
        {
            ShapeRuleKind.Equal or ShapeRuleKind.Assertion => left == right,
            ShapeRuleKind.Broadcast => left == right || left == 1 || right == 1,
            _ => left >= right,
        };
        if (!holds)
        {
            throw Kind == ShapeRuleKind.Assertion
                ? new Refusal(ErrorCode.FailedExecution, Refusal.InternalError, Text)
                : Refusal.Shape(Text.Replace("{0}", $"{left}", StringComparison.Ordinal).Replace("{1}", $"{right}", StringComparison.Ordinal));
        }
    }
}

namespace Trt.Cpu;

/// <summary>A demand on the shapes of a run.</summary>
internal sealed record PlanRule(ShapeRuleKind Kind, string Left, string Right, string Text);

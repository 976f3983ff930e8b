namespace Trt.Cpu;

/// <summary>How the two sides of a <see cref="ShapeRule"/> are compared.</summary>
internal enum ShapeRuleKind
{
    /// <summary>Both are the same.</summary>
    Equal,

    /// <summary>Both are the same, or one is 1.</summary>
    Broadcast,

    /// <summary>The left one is not less.</summary>
    AtLeast,

    /// <summary>The left one, a condition, is 1: what an assertion demands.</summary>
    Assertion,
}

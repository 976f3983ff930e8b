namespace Trt.Utils;

/// <summary>A part of a plan, as the plan's own directory lists it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Tag">Its four letters in the file, such as <c>NGNE</c>; empty in plans of the CPU runtime, which have fixed parts.</param>
/// <param name="Offset">Where it begins, in bytes from the plan's beginning.</param>
/// <param name="Length">Its bytes.</param>
public readonly record struct PlanBlock(PlanBlockKind Kind, string Tag, long Offset, long Length);

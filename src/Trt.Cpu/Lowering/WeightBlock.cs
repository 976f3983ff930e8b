namespace Trt.Cpu;

/// <summary>Weights that a plan has to hold: where they are now, and where they will be.</summary>
/// <param name="Name">Name of the initializer.</param>
/// <param name="Address">Their address during the build.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Offset">Place in the plan's block of weights.</param>
internal readonly record struct WeightBlock(string Name, nint Address, long Bytes, long Offset);

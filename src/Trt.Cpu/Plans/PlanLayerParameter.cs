namespace Trt.Cpu;

/// <summary>A parameter of a layer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as JSON, or as plain text.</param>
/// <param name="IsText">Whether it is plain text, which JSON puts in quotes.</param>
internal sealed record PlanLayerParameter(string Name, string Value, bool IsText);

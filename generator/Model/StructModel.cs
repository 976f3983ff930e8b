namespace Trt.Generator.Model;

/// <summary>A struct or class without virtual functions.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Base">Qualified name of the base, or null; its fields come first in memory and are not repeated.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Align">Alignment in bytes.</param>
/// <param name="Fields">Own data members.</param>
internal sealed record StructModel(string Name, string? Base, int Size, int Align, IReadOnlyList<FieldModel> Fields);

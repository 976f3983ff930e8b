namespace Trt.Generator.Model;

/// <summary>An enumeration.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Type">Underlying integer type.</param>
/// <param name="Members">Enumerators in the header's order; two may share a value.</param>
internal sealed record EnumModel(string Name, string Type, IReadOnlyList<EnumMember> Members);

namespace Trt.Generator.Model;

/// <summary>One enumerator.</summary>
/// <param name="Name">Name as declared, for example <c>kFLOAT</c>.</param>
/// <param name="Value">Its number.</param>
internal sealed record EnumMember(string Name, long Value);

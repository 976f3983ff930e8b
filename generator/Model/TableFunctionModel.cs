namespace Trt.Generator.Model;

/// <summary>One function pointer of a table.</summary>
/// <param name="Name">Member name.</param>
/// <param name="Slot">Position: byte offset divided by the pointer size.</param>
/// <param name="Returns">Spelled return type.</param>
/// <param name="Parameters">Parameters in order.</param>
internal sealed record TableFunctionModel(string Name, int Slot, string Returns, IReadOnlyList<ParameterModel> Parameters);

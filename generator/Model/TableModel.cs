namespace Trt.Generator.Model;

/// <summary>A struct of function pointers.</summary>
/// <param name="Name">Name of the struct.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Functions">Its members in order.</param>
internal sealed record TableModel(string Name, int Size, IReadOnlyList<TableFunctionModel> Functions);

namespace Trt.Generator.Model;

/// <summary>A data member.</summary>
/// <param name="Name">Name as declared.</param>
/// <param name="Type">Spelled type; arrays as <c>int64_t[8]</c>.</param>
/// <param name="Offset">Bytes from the start of the object, bases included.</param>
internal sealed record FieldModel(string Name, string Type, int Offset);

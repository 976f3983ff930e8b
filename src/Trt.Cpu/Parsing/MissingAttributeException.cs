namespace Trt.Cpu.Parsing;

/// <summary>A node lacks an attribute that its operator must have.</summary>
/// <param name="attribute">Its name.</param>
internal sealed class MissingAttributeException(string attribute) : Exception($"Attribute not found: {attribute}");

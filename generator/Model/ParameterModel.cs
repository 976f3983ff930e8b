namespace Trt.Generator.Model;

/// <summary>A parameter.</summary>
/// <param name="Name">Name as declared; empty when the header gives none.</param>
/// <param name="Type">Spelled type, without a const of the parameter itself.</param>
/// <param name="Default">Default argument, or null.</param>
internal sealed record ParameterModel(string Name, string Type, string? Default = null);

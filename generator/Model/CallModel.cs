namespace Trt.Generator.Model;

/// <summary>The one call that a wrapper's inline method makes.</summary>
/// <param name="Field">Field that holds the implementation pointer.</param>
/// <param name="Class">Implementation class.</param>
/// <param name="Method">Its method's name.</param>
/// <param name="Index">Position of that method in the class's <see cref="ClassModel.Methods"/>.</param>
/// <param name="Arguments">Arguments (parameter names and constants) where they are not the wrapper's parameters in order; else null.</param>
internal sealed record CallModel(string Field, string Class, string Method, int Index, IReadOnlyList<string>? Arguments = null);

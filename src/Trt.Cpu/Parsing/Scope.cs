namespace Trt.Cpu.Parsing;

/// <summary>Names of a graph and what they stand for; a subgraph sees those of the graphs around it, a local function does not.</summary>
/// <param name="outer">The graph around, or null.</param>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, ImportedValue?> values = new(StringComparer.Ordinal);

    public Scope? Outer { get; } = outer;

    /// <summary>Binds a name; a second value for the same name in one graph is an error. Null stands for an input that could not be imported.</summary>
    public void Add(string name, ImportedValue? value)
    {
        if (!values.TryAdd(name, value))
        {
            throw new ImportRefusal(Interop.NvOnnxParser.ErrorCode.InvalidGraph, $"The graph has two values named {name}; names of inputs, initializers and node outputs must differ.");
        }
    }

    public bool TryFind(string name, out ImportedValue? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.values.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }
}

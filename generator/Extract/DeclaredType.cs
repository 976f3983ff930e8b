namespace Trt.Generator.Extract;

/// <summary>A type name that the headers declare.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Node">Its declaration (the definition where there is one).</param>
internal sealed record DeclaredType(string Name, DeclaredKind Kind, AstNode Node)
{
    /// <summary>Qualified name of the class or namespace around it.</summary>
    public string Scope => Name.LastIndexOf("::", StringComparison.Ordinal) is int cut and >= 0 ? Name[..cut] : "";

    /// <summary>Its name in clang's layout dump: a struct named by a typedef goes by its place in the source there.</summary>
    public string LayoutName => Node.Name.Length > 0 ? Name : FormattableString.Invariant($"{Scope}::(unnamed at {Node.File}:{Node.Line}:{Node.Column})");
}

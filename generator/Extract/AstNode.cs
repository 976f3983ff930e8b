using System.Text.Json;

namespace Trt.Generator.Extract;

/// <summary>A node of clang's syntax tree, without its comments.</summary>
internal sealed class AstNode
{
    private readonly JsonElement element;

    internal AstNode(JsonElement element, AstNode? parent)
    {
        this.element = element;
        Parent = parent;
        Kind = Text("kind") ?? "";
        Id = Text("id") ?? "";
        Name = Text("name") ?? "";
    }

    /// <summary>Clang's class of the node, for example <c>CXXMethodDecl</c>; empty for a missing child.</summary>
    public string Kind { get; }

    /// <summary>Identity within one tree.</summary>
    public string Id { get; }

    /// <summary>Declared name, or empty.</summary>
    public string Name { get; }

    /// <summary>The node around it.</summary>
    public AstNode? Parent { get; }

    /// <summary>Nodes inside it, in the source's order.</summary>
    public List<AstNode> Inner { get; } = [];

    /// <summary>Source file; empty for what no file declares.</summary>
    public string File { get; internal set; } = "";

    /// <summary>Line in that file, from 1.</summary>
    public int Line { get; internal set; }

    /// <summary>Column in that line, from 1.</summary>
    public int Column { get; internal set; }

    /// <summary>File and line as compilers print them.</summary>
    public string Where => File.Length == 0 ? "(no source)" : FormattableString.Invariant($"{File}:{Line}");

    /// <summary>The type as the source spells it, or empty.</summary>
    public string Type => element.TryGetProperty("type", out JsonElement type) && type.TryGetProperty("qualType", out JsonElement text) ? text.GetString()! : "";

    /// <summary>Whether the compiler made this declaration itself.</summary>
    public bool IsImplicit => Flag("isImplicit");

    /// <summary>A string attribute, or null.</summary>
    public string? Text(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A boolean attribute; absent means false.</summary>
    public bool Flag(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    /// <summary>An attribute of any shape.</summary>
    public bool TryGet(string name, out JsonElement value) => element.TryGetProperty(name, out value);

    /// <summary>The nearest children of one kind.</summary>
    public IEnumerable<AstNode> OfKind(string kind) => Inner.Where(node => node.Kind == kind);

    /// <summary>Whether a child of that kind exists.</summary>
    public bool Has(string kind) => Inner.Exists(node => node.Kind == kind);
}

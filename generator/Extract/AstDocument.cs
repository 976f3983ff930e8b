using System.Text.Json;

namespace Trt.Generator.Extract;

/// <summary>Clang's syntax tree of one translation unit (<c>-ast-dump=json</c>).</summary>
/// <remarks>The dump names file and line of a location only where they differ from the location printed before, so the reader follows the document's order.</remarks>
internal sealed class AstDocument : IDisposable
{
    private readonly JsonDocument document;
    private readonly Dictionary<string, AstNode> byId = [];
    private string lastFile = "";
    private int lastLine;

    /// <summary>Reads a dump.</summary>
    public AstDocument(byte[] json)
    {
        document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1024 });
        Root = Read(document.RootElement, null);
    }

    /// <summary>The translation unit.</summary>
    public AstNode Root { get; }

    /// <summary>The node of an identity that another node refers to, or null.</summary>
    public AstNode? Find(string? id) => id is not null && byId.TryGetValue(id, out AstNode? node) ? node : null;

    /// <inheritdoc/>
    public void Dispose() => document.Dispose();

    private AstNode Read(JsonElement element, AstNode? parent)
    {
        AstNode node = new(element, parent);
        bool located = false;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (property.NameEquals("loc"))
            {
                located = Locate(property.Value, node);
            }
            else if (property.NameEquals("range"))
            {
                AstNode? at = located ? null : node;
                Locate(property.Value.GetProperty("begin"), at);
                Locate(property.Value.GetProperty("end"), null);
            }
            else if (property.NameEquals("inner"))
            {
                foreach (JsonElement child in property.Value.EnumerateArray())
                {
                    AstNode inner = Read(child, node);
                    if (!inner.Kind.EndsWith("Comment", StringComparison.Ordinal))
                    {
                        node.Inner.Add(inner);
                    }
                }
            }
        }
        if (node.Id.Length > 0)
        {
            byId[node.Id] = node;
        }
        return node;
    }

    private bool Locate(JsonElement location, AstNode? node)
    {
        if (location.TryGetProperty("spellingLoc", out JsonElement spelling))
        {
            Locate(spelling, null);
            return Locate(location.GetProperty("expansionLoc"), node);
        }
        if (!location.TryGetProperty("offset", out _))
        {
            return false;
        }
        if (location.TryGetProperty("file", out JsonElement file))
        {
            lastFile = file.GetString()!;
        }
        if (location.TryGetProperty("line", out JsonElement line))
        {
            lastLine = line.GetInt32();
        }
        if (node is not null)
        {
            node.File = lastFile;
            node.Line = lastLine;
            node.Column = location.TryGetProperty("col", out JsonElement column) ? column.GetInt32() : 0;
        }
        return true;
    }
}

namespace Trt.Generator.Extract;

/// <summary>Every declaration of the API, found by walking its namespaces.</summary>
internal sealed class DeclarationIndex
{
    private static readonly HashSet<string> ApiNamespaces = new(StringComparer.Ordinal) { "nvinfer1", "nvonnxparser", "nvcaffeparser1", "nvuffparser" };

    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        "ClassTemplateDecl", "ClassTemplateSpecializationDecl", "ClassTemplatePartialSpecializationDecl", "FunctionTemplateDecl", "VarTemplateDecl",
        "VarDecl", "UsingDecl", "UsingShadowDecl", "UsingDirectiveDecl", "EmptyDecl", "StaticAssertDecl", "CXXDestructorDecl", "CXXMethodDecl", "CXXConstructorDecl",
    };

    private readonly Dictionary<string, DeclaredType> types = [];
    private readonly Dictionary<string, string> bases = [];
    private readonly Func<AstNode, bool> isRead;

    /// <summary>Indexes a translation unit.</summary>
    /// <param name="document">Clang's syntax tree.</param>
    /// <param name="folders">Header folders: what other files declare outside the API's namespaces is not the API's.</param>
    /// <param name="isRead">Says whether a class's members are read; others are known by name only. All are when null.</param>
    public DeclarationIndex(AstDocument document, IReadOnlyList<string> folders, Func<AstNode, bool>? isRead = null)
    {
        this.isRead = isRead ?? (_ => true);
        foreach (AstNode node in document.Root.Inner)
        {
            if (node.Kind == "NamespaceDecl" && ApiNamespaces.Contains(node.Name))
            {
                WalkNamespace(node, node.Name);
            }
            else if (node.Kind == "LinkageSpecDecl")
            {
                WalkLinkage(node, "");
            }
            else if (node.Kind is "TypedefDecl" or "TypeAliasDecl" && folders.Any(folder => node.File.StartsWith(folder, StringComparison.Ordinal)))
            {
                AddType(node, "");
            }
        }
    }

    /// <summary>Class definitions in order, templates left out.</summary>
    public List<DeclaredType> Classes { get; } = [];

    /// <summary>Enumerations in order.</summary>
    public List<DeclaredType> Enums { get; } = [];

    /// <summary>Aliases in order.</summary>
    public List<DeclaredType> Aliases { get; } = [];

    /// <summary>Functions with C linkage, each with the namespace that its types are looked up in.</summary>
    public List<(AstNode Node, string Scope)> Functions { get; } = [];

    /// <summary>Functions that only C++ can call by name and that have no body.</summary>
    public List<string> MangledFunctions { get; } = [];

    /// <summary>The declared type of a qualified name, or null.</summary>
    public DeclaredType? Find(string name) => types.GetValueOrDefault(name);

    /// <summary>Finds a name as C++ does: in the scope, in its bases, then in the scopes around it.</summary>
    /// <param name="name">Name as written, perhaps with a qualifier.</param>
    /// <param name="scope">Qualified name of the class or namespace where it is written.</param>
    public DeclaredType? Lookup(string name, string scope)
    {
        if (name.StartsWith("::", StringComparison.Ordinal))
        {
            return Find(name[2..]);
        }
        for (string current = scope; ; current = current.LastIndexOf("::", StringComparison.Ordinal) is int cut and >= 0 ? current[..cut] : "")
        {
            for (string? owner = current; owner is not null; owner = bases.GetValueOrDefault(owner))
            {
                if (Find(owner.Length == 0 ? name : $"{owner}::{name}") is { } found)
                {
                    return found;
                }
            }
            if (current.Length == 0)
            {
                return null;
            }
        }
    }

    private void WalkNamespace(AstNode space, string scope)
    {
        foreach (AstNode node in space.Inner)
        {
            switch (node.Kind)
            {
                case "NamespaceDecl":
                    if (node.Name is not ("" or "impl"))
                    {
                        WalkNamespace(node, $"{scope}::{node.Name}");
                    }
                    break;
                case "LinkageSpecDecl":
                    WalkLinkage(node, scope);
                    break;
                case "FunctionDecl":
                    if (!node.Has("CompoundStmt") && !node.Has("TemplateArgument"))
                    {
                        MangledFunctions.Add($"{scope}::{node.Name}");
                    }
                    break;
                default:
                    AddType(node, scope);
                    break;
            }
        }
    }

    private void WalkLinkage(AstNode linkage, string scope)
    {
        foreach (AstNode node in linkage.Inner)
        {
            if (node.Kind == "FunctionDecl")
            {
                Functions.Add((node, scope));
            }
            else
            {
                AddType(node, scope);
            }
        }
    }

    private void AddType(AstNode node, string scope)
    {
        string own = node.Name.Length == 0 && node.Kind is ("CXXRecordDecl" or "EnumDecl") ? TypedefName(node) : node.Name;
        string name = scope.Length == 0 ? own : $"{scope}::{own}";
        switch (node.Kind)
        {
            case "CXXRecordDecl":
                AddClass(node, name);
                break;
            case "EnumDecl":
                DeclaredType enumeration = new(name, DeclaredKind.Enum, node);
                if (node.Has("EnumConstantDecl"))
                {
                    types[name] = enumeration;
                    Enums.Add(enumeration);
                }
                else
                {
                    types.TryAdd(name, enumeration);
                }
                break;
            case "TypeAliasDecl" or "TypedefDecl":
                DeclaredType alias = new(name, DeclaredKind.Alias, node);
                if (types.TryAdd(name, alias))
                {
                    Aliases.Add(alias);
                }
                break;
            default:
                if (!Ignored.Contains(node.Kind))
                {
                    throw new ExtractException($"{node.Where}: {node.Kind} \"{node.Name}\" in {(scope.Length == 0 ? "a linkage block" : scope)} is a construct that the extractor does not know.");
                }
                break;
        }
    }

    private void AddClass(AstNode node, string name)
    {
        DeclaredType type = new(name, DeclaredKind.Class, node);
        if (!node.Flag("completeDefinition"))
        {
            types.TryAdd(name, type);
            return;
        }
        types[name] = type;
        if (!isRead(node))
        {
            return;
        }
        if (BaseOf(node) is { } baseType)
        {
            int cut = name.LastIndexOf("::", StringComparison.Ordinal);
            DeclaredType found = Resolve(Lookup(baseType, cut < 0 ? "" : name[..cut]))
                ?? throw new ExtractException($"{node.Where}: the base \"{baseType}\" of {name} is not declared in the API's headers.");
            bases[name] = found.Name;
        }
        Classes.Add(type);
        foreach (AstNode member in node.Inner)
        {
            if (member.Kind is "EnumDecl" or "TypeAliasDecl" or "TypedefDecl" || (member.Kind == "CXXRecordDecl" && !member.IsImplicit))
            {
                AddType(member, name);
            }
        }
    }

    /// <summary>Qualified name of a class's base, or null.</summary>
    public string? Base(string name) => bases.GetValueOrDefault(name);

    /// <summary>Follows aliases to a class or enumeration; null when they end elsewhere.</summary>
    public DeclaredType? Resolve(DeclaredType? type)
    {
        while (type is { Kind: DeclaredKind.Alias })
        {
            int cut = type.Name.LastIndexOf("::", StringComparison.Ordinal);
            type = Lookup(type.Node.Type, cut < 0 ? "" : type.Name[..cut]);
        }
        return type;
    }

    // "typedef struct { ... } Name;" declares an unnamed struct and, right after it, the name.
    private static string TypedefName(AstNode node)
    {
        List<AstNode> siblings = node.Parent!.Inner;
        int next = siblings.IndexOf(node) + 1;
        return next < siblings.Count && siblings[next].Kind == "TypedefDecl"
            ? siblings[next].Name
            : throw new ExtractException($"{node.Where}: a declaration without a name is a construct that the extractor does not know.");
    }

    private static string? BaseOf(AstNode node)
    {
        if (!node.TryGet("bases", out System.Text.Json.JsonElement list) || list.GetArrayLength() == 0)
        {
            return null;
        }
        if (list.GetArrayLength() > 1)
        {
            throw new ExtractException($"{node.Where}: {node.Name} has {list.GetArrayLength()} base classes; the extractor knows one at most.");
        }
        if (list[0].TryGetProperty("isVirtual", out _))
        {
            throw new ExtractException($"{node.Where}: {node.Name} has a virtual base class, which the extractor does not know.");
        }
        return list[0].GetProperty("type").GetProperty("qualType").GetString();
    }
}

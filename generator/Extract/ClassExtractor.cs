using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Makes the models of classes with virtual functions.</summary>
internal sealed class ClassExtractor(
    AstDocument document, DeclarationIndex index, TypeSpeller speller, ConstantReader constants, TypeExtractor types, VtableDump linux, VtableDump msvc)
{
    private const string ImplementationNamespace = "::apiv::";
    private const string WrapperRoot = "nvinfer1::INoCopy";

    private static readonly HashSet<string> KnownMembers = new(StringComparer.Ordinal)
    {
        "AccessSpecDecl", "CXXConstructorDecl", "CXXDestructorDecl", "CXXMethodDecl", "FieldDecl", "CXXRecordDecl", "EnumDecl",
        "TypeAliasDecl", "TypedefDecl", "VarDecl", "UsingDecl", "UsingShadowDecl", "ConstructorUsingShadowDecl", "FriendDecl", "StaticAssertDecl",
    };

    private readonly BodyReader bodies = new(document, constants);
    private readonly Dictionary<string, int> methodIndex = [];
    private readonly Dictionary<string, string> methodClass = [];

    /// <summary>All of them, in the headers' order.</summary>
    public IReadOnlyList<ClassModel> Classes()
    {
        List<DeclaredType> polymorphic = index.Classes.FindAll(type => TypeExtractor.IsPolymorphic(type.Node));
        foreach (DeclaredType type in polymorphic)
        {
            int position = 0;
            foreach ((AstNode method, _) in Methods(type))
            {
                methodIndex[method.Id] = position++;
                methodClass[method.Id] = type.Name;
            }
        }
        return [.. polymorphic.Select(Class)];
    }

    private ClassModel Class(DeclaredType type) => new()
    {
        Name = type.Name,
        Kind = Kind(type.Name),
        Base = index.Base(type.Name),
        Size = types.Layout(type).Size,
        Fields = types.Fields(type),
        Destructor = Destructor(type),
        InterfaceInfo = type.Node.OfKind("CXXMethodDecl").Where(method => method.Name == "getInterfaceInfo").Select(bodies.ReadInterfaceInfo).FirstOrDefault(),
        Methods = [.. Methods(type).Select(pair => Method(type, pair.Node, pair.Access))],
    };

    private ClassKind Kind(string name)
    {
        if (name.Contains(ImplementationNamespace, StringComparison.Ordinal))
        {
            return ClassKind.Impl;
        }
        for (string? current = name; current is not null; current = index.Base(current))
        {
            if (current == WrapperRoot || index.Find(current)!.Node.OfKind("FieldDecl").Any(field => field.Type.Contains("apiv::", StringComparison.Ordinal)))
            {
                return ClassKind.Wrapper;
            }
        }
        return ClassKind.Interface;
    }

    // Methods that a binding can call or must implement, with their access.
    private IEnumerable<(AstNode Node, string Access)> Methods(DeclaredType type)
    {
        foreach ((AstNode node, string access) in Members(type))
        {
            if (node.Kind == "CXXMethodDecl" && !node.IsImplicit && !node.Name.StartsWith("operator", StringComparison.Ordinal)
                && !node.Flag("explicitlyDeleted") && (access == "public" || Slot(linux, type, node) is not null))
            {
                yield return (node, access);
            }
        }
    }

    private static IEnumerable<(AstNode Node, string Access)> Members(DeclaredType type)
    {
        string access = type.Node.Text("tagUsed") == "class" ? "private" : "public";
        foreach (AstNode node in type.Node.Inner)
        {
            if (node.Kind == "AccessSpecDecl")
            {
                access = node.Text("access")!;
            }
            else if (!KnownMembers.Contains(node.Kind) && !node.Kind.EndsWith("Attr", StringComparison.Ordinal))
            {
                throw new ExtractException($"{node.Where}: {node.Kind} \"{node.Name}\" in {type.Name} is a construct that the extractor does not know.");
            }
            yield return (node, access);
        }
    }

    private MethodModel Method(DeclaredType type, AstNode node, string access)
    {
        Signature signature = Signature.Of(node);
        List<AstNode> parameters = [.. node.OfKind("ParmVarDecl")];
        string? standard = parameters.Select(parameter => parameter.Type).Append(signature.Returns).Where(text => speller.UsesStandardLibrary(text, type.Name, node)).FirstOrDefault();
        if (standard is not null)
        {
            return Skipped(type, node, access, signature);
        }
        int? slot = Slot(linux, type, node);
        MethodModel method = new()
        {
            Name = node.Name,
            Returns = speller.Spell(signature.Returns, type.Name, node),
            Parameters = [.. parameters.Select(parameter => Parameter(parameter, type.Name))],
            IsConst = signature.IsConst,
            IsNoexcept = signature.IsNoexcept,
            IsDeprecated = node.Has("DeprecatedAttr"),
            Access = access,
            IsStatic = node.Text("storageClass") == "static",
            Linux = slot,
            Msvc = slot is null ? null : Slot(msvc, type, node) ?? throw new ExtractException($"{node.Where}: clang's dump for Windows has no slot of {type.Name}::{node.Name}."),
            IsPure = node.Flag("pure"),
            IsOverride = slot is int number && index.Base(type.Name) is { } parent && number < SlotCount(parent),
        };
        return WithBody(method, type, node);
    }

    private MethodModel WithBody(MethodModel method, DeclaredType type, AstNode node)
    {
        if (Kind(type.Name) == ClassKind.Wrapper && !method.IsStatic && method.Access == "public")
        {
            if (bodies.ReadForward(node, type.Name) is { } forward && methodIndex.TryGetValue(forward.Method.Id, out int position))
            {
                return method with { Calls = new CallModel(forward.Field, methodClass[forward.Method.Id], forward.Method.Name, position, forward.Arguments) };
            }
            string? body = bodies.ReadDefault(node, type.Name);
            return body == "delete" || method.Linux is not null
                ? method with { Default = body }
                : method with { Default = body, Skip = "its inline body is not one forwarding call" };
        }
        return bodies.ReadInterfaceInfo(node) is not null
            ? method with { Default = "interfaceInfo" }
            : method with { Default = bodies.ReadDefault(node, type.Name) };
    }

    private MethodModel Skipped(DeclaredType type, AstNode node, string access, Signature signature) => new()
    {
        Name = node.Name,
        Returns = Plain(signature.Returns, type, node),
        Parameters = [.. node.OfKind("ParmVarDecl").Select(parameter => new ParameterModel(parameter.Name, Plain(parameter.Type, type, parameter)))],
        IsConst = signature.IsConst,
        IsNoexcept = signature.IsNoexcept,
        IsDeprecated = node.Has("DeprecatedAttr"),
        Access = access,
        Linux = Slot(linux, type, node),
        Msvc = Slot(msvc, type, node),
        IsPure = node.Flag("pure"),
        Skip = "std::vector crosses the ABI",
    };

    private string Plain(string text, DeclaredType type, AstNode at) =>
        text.Contains('<', StringComparison.Ordinal) ? text : speller.Spell(text, type.Name, at, dropOuterConst: true);

    private ParameterModel Parameter(AstNode node, string scope) => Parameter(speller, constants, node, scope);

    /// <summary>A parameter with its default argument.</summary>
    public static ParameterModel Parameter(TypeSpeller speller, ConstantReader constants, AstNode node, string scope)
    {
        AstNode? initializer = node.Inner.Find(inner => !inner.Kind.EndsWith("Attr", StringComparison.Ordinal));
        string? text = initializer is null
            ? null
            : constants.Text(initializer, scope) ?? throw new ExtractException($"{node.Where}: the default argument of \"{node.Name}\" is an expression that the extractor does not know.");
        return new ParameterModel(node.Name, speller.Spell(node.Type, scope, node, dropOuterConst: true), text);
    }

    private DestructorModel? Destructor(DeclaredType type)
    {
        string name = "~" + type.Name[(type.Name.LastIndexOf(':') + 1)..] + "()";
        if (linux.Slot(type.Name, name + " [complete]") is not int complete || linux.Slot(type.Name, name + " [deleting]") is not int deleting
            || msvc.Slot(type.Name, name + " [scalar deleting]") is not int scalar)
        {
            return null;
        }
        (AstNode Node, string Access) declared = Members(type).FirstOrDefault(member => member.Node.Kind == "CXXDestructorDecl" && !member.Node.IsImplicit);
        return new DestructorModel(declared.Node is null ? "public" : declared.Access, complete, deleting, scalar);
    }

    private int SlotCount(string name)
    {
        int count = 0;
        for (string? current = name; current is not null; current = index.Base(current))
        {
            count = Math.Max(count, linux.Classes.Contains(current) ? linux.Slots(current).Values.DefaultIfEmpty(-1).Max() + 1 : 0);
        }
        return count;
    }

    private static int? Slot(VtableDump dump, DeclaredType type, AstNode method) => dump.Slot(type.Name, Signature.Of(method).DumpName(method.Name));
}

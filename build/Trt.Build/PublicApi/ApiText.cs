using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Trt.Build.PublicApi;

/// <summary>The public surface of an assembly as sorted lines, one per type and member that code outside can see.</summary>
internal static class ApiText
{
    private static readonly SymbolDisplayFormat TypeFormat = new(
        globalNamespaceStyle: SymbolDisplayGlobalNamespaceStyle.Omitted,
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // A type where it is only used.
    private static readonly SymbolDisplayFormat UseFormat = TypeFormat.WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters);

    // Without the member's own type: that comes last, so that sorting keeps a type's members together by name.
    private static readonly SymbolDisplayFormat MemberFormat = TypeFormat
        .WithMemberOptions(
            SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeExplicitInterface | SymbolDisplayMemberOptions.IncludeConstantValue)
        .WithParameterOptions(
            SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis)
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.AllowDefaultLiteral);

    /// <summary>Reads an assembly file; other assemblies that it names are looked for beside it and in the running framework.</summary>
    public static IReadOnlyList<string> Read(string assembly)
    {
        MetadataReference own = MetadataReference.CreateFromFile(assembly);
        CSharpCompilation compilation = CSharpCompilation.Create("api", references: [own, .. Others(assembly)]);
        IAssemblySymbol symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(own)!;
        List<string> lines = [];
        Namespace(symbol.GlobalNamespace, lines);
        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static IEnumerable<MetadataReference> Others(string assembly)
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return Directory.EnumerateFiles(Path.GetDirectoryName(assembly)!, "*.dll")
            .Concat(Directory.EnumerateFiles(framework, "*.dll").Where(f => Path.GetFileName(f).StartsWith("System.", StringComparison.Ordinal)
                && !Path.GetFileName(f).Contains(".Native", StringComparison.Ordinal)))
            .Where(f => f != assembly)
            .DistinctBy(Path.GetFileName)
            .Select(f => MetadataReference.CreateFromFile(f));
    }

    private static void Namespace(INamespaceSymbol space, List<string> lines)
    {
        foreach (INamespaceOrTypeSymbol member in space.GetMembers())
        {
            if (member is INamespaceSymbol inner)
            {
                Namespace(inner, lines);
            }
            else if (member is INamedTypeSymbol type && IsVisible(type))
            {
                Type(type, lines);
            }
        }
    }

    private static void Type(INamedTypeSymbol type, List<string> lines)
    {
        lines.Add(TypeLine(type));
        if (type.TypeKind == TypeKind.Delegate)
        {
            return;         // its line is its signature
        }

        foreach (ISymbol member in type.GetMembers().Where(IsVisible))
        {
            if (member is INamedTypeSymbol nested)
            {
                Type(nested, lines);
            }
            else if (!IsImplied(member, type))
            {
                lines.Add(MemberLine(member));
            }
        }
    }

    private static string TypeLine(INamedTypeSymbol type)
    {
        string name = type.ToDisplayString(TypeFormat);
        if (type.DelegateInvokeMethod is { } invoke)
        {
            string parameters = string.Join(", ", invoke.Parameters.Select(p => p.ToDisplayString(MemberFormat)));
            return $"{name} : delegate ({parameters}) -> {invoke.ReturnType.ToDisplayString(UseFormat)}";
        }

        string kind = type switch
        {
            { TypeKind: TypeKind.Enum } => $"enum {type.EnumUnderlyingType!.ToDisplayString(TypeFormat)}",
            { TypeKind: TypeKind.Interface } => "interface",
            { TypeKind: TypeKind.Struct } => $"{(type.IsReadOnly ? "readonly " : "")}{(type.IsRefLikeType ? "ref " : "")}struct",
            { IsStatic: true } => "static class",
            { IsSealed: true } => "sealed class",
            { IsAbstract: true } => "abstract class",
            _ => "class",
        };
        IEnumerable<INamedTypeSymbol> bases = type is { TypeKind: TypeKind.Class, BaseType: { SpecialType: not SpecialType.System_Object } parent } ? [parent] : [];
        string[] ancestors = [.. bases.Concat(OwnInterfaces(type)).Where(IsVisible).Select(b => b.ToDisplayString(UseFormat))];
        return ancestors.Length == 0 ? $"{name} : {kind}" : $"{name} : {kind} ({string.Join(", ", ancestors)})";
    }

    // Assemblies list every interface; those that come with a base class or with another interface say nothing.
    private static IEnumerable<INamedTypeSymbol> OwnInterfaces(INamedTypeSymbol type)
    {
        IEnumerable<INamedTypeSymbol> inherited = type.Interfaces.SelectMany(i => i.AllInterfaces).Concat(type.BaseType?.AllInterfaces ?? []);
        return type.TypeKind == TypeKind.Enum ? [] : type.Interfaces.Except(inherited, SymbolEqualityComparer.Default).Cast<INamedTypeSymbol>();
    }

    private static string MemberLine(ISymbol member)
    {
        string text = member switch
        {
            IFieldSymbol { ContainingType.TypeKind: TypeKind.Enum } value => string.Create(CultureInfo.InvariantCulture, $"{value.ContainingType.ToDisplayString(TypeFormat)}.{value.Name} = {value.ConstantValue}"),
            IPropertySymbol property => $"{Signature(property)} {{ {Accessors(property)} }}",
            _ => Signature(member),
        };
        return Modifiers(member) is { Length: > 0 } words ? $"{text} [{words}]" : text;
    }

    private static string Signature(ISymbol member)
    {
        string name = member.ToDisplayString(MemberFormat);
        return member switch
        {
            IMethodSymbol { MethodKind: MethodKind.Constructor } => name,
            IMethodSymbol method => $"{name} -> {Ref(method.RefKind)}{method.ReturnType.ToDisplayString(UseFormat)}",
            IPropertySymbol property => $"{name} -> {Ref(property.RefKind)}{property.Type.ToDisplayString(UseFormat)}",
            IFieldSymbol field => $"{name} -> {field.Type.ToDisplayString(UseFormat)}",
            IEventSymbol @event => $"{name} -> event {@event.Type.ToDisplayString(UseFormat)}",
            _ => name,
        };
    }

    private static string Ref(RefKind kind) => kind switch
    {
        RefKind.Ref => "ref ",
        RefKind.RefReadOnly => "ref readonly ",
        _ => "",
    };

    private static string Accessors(IPropertySymbol property)
    {
        IEnumerable<string> words = new[] { property.GetMethod, property.SetMethod }
            .Where(m => m is not null && IsVisible(m))
            .Select(m => (m!.DeclaredAccessibility == property.DeclaredAccessibility ? "" : "protected ") + (m.MethodKind == MethodKind.PropertyGet ? "get;" : m.IsInitOnly ? "init;" : "set;"));
        return string.Join(" ", words);
    }

    private static string Modifiers(ISymbol member)
    {
        bool inInterface = member.ContainingType.TypeKind == TypeKind.Interface;
        bool constant = member is IFieldSymbol { IsConst: true };
        string[] words =
        [
            member.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal ? "protected" : "",
            constant && member.ContainingType.TypeKind != TypeKind.Enum ? "const" : member.IsStatic && !constant ? "static" : "",
            member.IsAbstract && !inInterface ? "abstract" : "",
            member.IsVirtual ? inInterface ? "default" : "virtual" : "",
            member.IsOverride ? member.IsSealed ? "sealed override" : "override" : "",
            member is IFieldSymbol { IsReadOnly: true } ? "readonly" : "",
            member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true } ? "required" : "",
        ];
        return string.Join(" ", words.Where(w => w.Length > 0));
    }

    // What the compiler adds by itself, or what the type's own line says.
    private static bool IsImplied(ISymbol member, INamedTypeSymbol type) => member switch
    {
        IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove or MethodKind.StaticConstructor or MethodKind.Destructor } => true,
        IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: 0 } => type.TypeKind is TypeKind.Struct or TypeKind.Enum,
        IFieldSymbol { Name: "value__" } => true,
        _ => member.Name.StartsWith('<'),
    };

    private static bool IsVisible(ISymbol symbol)
    {
        for (ISymbol? s = symbol; s is not null and not INamespaceSymbol; s = s.ContainingType)
        {
            bool open = s.DeclaredAccessibility is Accessibility.Public
                || (s.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal && s.ContainingType is { IsSealed: false });
            if (!open)
            {
                return false;
            }
        }

        return true;
    }
}

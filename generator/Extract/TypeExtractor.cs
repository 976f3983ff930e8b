using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Makes the models of enumerations, structs and aliases.</summary>
internal sealed class TypeExtractor(DeclarationIndex index, TypeSpeller speller, ConstantReader constants, IReadOnlyDictionary<string, RecordLayout> layouts)
{
    /// <summary>All enumerations.</summary>
    public IReadOnlyList<EnumModel> Enums() => [.. index.Enums.Select(type => new EnumModel(type.Name, Underlying(type),
        [.. constants.Enumerators(type.Node).Select(member => new EnumMember(member.Name, member.Value))]))];

    /// <summary>All classes without virtual functions.</summary>
    public IReadOnlyList<StructModel> Structs() => [.. index.Classes.Where(type => !IsPolymorphic(type.Node)).Select(type =>
    {
        RecordLayout layout = Layout(type);
        return new StructModel(type.Name, index.Base(type.Name), layout.Size, layout.Align, Fields(type));
    })];

    /// <summary>Aliases by name, one step each.</summary>
    public IReadOnlyDictionary<string, string> Aliases()
    {
        Dictionary<string, string> aliases = [];
        foreach (DeclaredType alias in index.Aliases)
        {
            if (speller.AliasTarget(alias) is { } target)
            {
                aliases[alias.Name] = target;
            }
        }
        return aliases;
    }

    /// <summary>A class's own data members.</summary>
    public IReadOnlyList<FieldModel> Fields(DeclaredType type)
    {
        List<FieldModel> fields = [];
        IReadOnlyList<int> offsets = Layout(type).Offsets;
        foreach (AstNode field in type.Node.OfKind("FieldDecl"))
        {
            if (field.Flag("isBitfield"))
            {
                throw new ExtractException($"{field.Where}: {type.Name}::{field.Name} is a bit field, which the extractor does not know.");
            }
            fields.Add(new FieldModel(field.Name, speller.Spell(field.Type, type.Name, field), offsets[fields.Count]));
        }
        return fields;
    }

    /// <summary>Layout of a class.</summary>
    public RecordLayout Layout(DeclaredType type) => layouts.GetValueOrDefault(type.LayoutName)
        ?? throw new ExtractException($"{type.Node.Where}: clang's layout dump has no {type.Name}.");

    /// <summary>Whether a class has virtual functions.</summary>
    public static bool IsPolymorphic(AstNode node) =>
        node.TryGet("definitionData", out System.Text.Json.JsonElement data) && data.TryGetProperty("isPolymorphic", out _);

    private string Underlying(DeclaredType type) =>
        type.Node.TryGet("fixedUnderlyingType", out System.Text.Json.JsonElement underlying)
            ? speller.Spell(underlying.GetProperty("qualType").GetString()!, type.Scope, type.Node)
            : "int32_t";
}

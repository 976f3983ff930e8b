using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Enumerations and structures.</summary>
internal sealed class ValueEmitter(ApiUnion union, Codecs codecs, Docs docs)
{
    public void Enum(CodeWriter writer, UnionEnum item)
    {
        writer.Lines(docs.Type(item.Name, item.Cpp, $"C++: <c>{item.Cpp}</c>. {ReleaseRanges.Text(union, item.Models.ContainsKey)}."));
        writer.Open($"public enum {item.Name}");
        bool first = true;
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((string name, int value) in item.Members)
        {
            if (!names.Add(Naming.Enumerator(name)))
            {
                continue;
            }

            if (!first)
            {
                writer.Line();
            }

            first = false;
            bool everywhere = item.Models.Values.All(model => model.Members.Any(member => member.Name == name));
            string releases = everywhere ? string.Empty : ReleaseRanges.Text(union, model => item.Models.TryGetValue(model, out EnumModel? here) && here.Members.Any(member => member.Name == name)) + ".";
            writer.Lines(docs.Enumerator(item.Name, item.Cpp, name, $"C++: <c>{name}</c>. {releases}".Trim()));
            writer.Line($"{Naming.Enumerator(name)} = {(value >= 0x10000 ? $"0x{value:X}" : value)},");
        }

        writer.Close();
    }

    public void Struct(CodeWriter writer, UnionStruct item)
    {
        writer.Lines(docs.Type(item.Name, item.Cpp, $"C++: <c>{item.Cpp}</c>, {item.Layouts[0].Size} bytes. {ReleaseRanges.Text(union, item.Models.ContainsKey)}."));
        Body(writer, item, 0, "public");
    }

    public void OtherLayouts(CodeWriter writer, UnionStruct item)
    {
        for (int layout = 1; layout < item.Layouts.Count; layout++)
        {
            writer.Line($"/// <summary>{item.Name} as {ReleaseRanges.Text(union, model => item.Models.ContainsKey(model) && item.LayoutIn(model) == layout)} lays it out.</summary>");
            Body(writer, item, layout, "internal");
        }
    }

    private void Body(CodeWriter writer, UnionStruct item, int layout, string access)
    {
        StructModel model = item.Layouts[layout];
        ApiModel release = item.Models.First(pair => pair.Value == model || item.LayoutIn(pair.Key) == layout).Key;
        string name = layout == 0 ? item.Name : Codecs.LayoutName(item, layout);
        writer.Line($"[StructLayout(LayoutKind.Explicit, Size = {model.Size})]");
        writer.Open($"{access} unsafe struct {name}");
        List<(string Name, string Managed, string Native, FieldModel Field)> fields = [];
        foreach (FieldModel field in model.Fields)
        {
            Match array = Regex.Match(field.Type, @"^(.*)\[(\d+)\]$");
            CppType type = CppType.Parse(array.Success ? array.Groups[1].Value.Trim() : field.Type);
            string managed;
            if (array.Success)
            {
                Codec element = codecs.Value(release, type) ?? throw new EmitException($"{item.Cpp}.{field.Name}: unknown type {field.Type}.");
                managed = $"{name}{Naming.Member(field.Name)}";
                if (layout == 0)
                {
                    writer.Lines(docs.Field(item.Name, item.Cpp, field.Name));
                }

                writer.Line($"[FieldOffset({field.Offset})]");
                writer.Line($"{access} {Naming.Member(field.Name)}Values {Naming.Member(field.Name)};");
                writer.Line();
                writer.Line($"/// <summary>{array.Groups[2].Value} values in a row.</summary>");
                writer.Line($"[InlineArray({array.Groups[2].Value})]");
                writer.Open($"public struct {Naming.Member(field.Name)}Values");
                writer.Line($"private {element.Managed} first;");
                writer.Close();
                fields.Add((Naming.Member(field.Name), managed, element.Native, field));
                continue;
            }

            string native;
            if (type.Levels > 0)
            {
                managed = native = "nint";
            }
            else
            {
                UnionStruct? inner = union.Struct(ApiUnion.IsDims(ApiUnion.Resolve(release, type.Name)) ? "nvinfer1::Dims" : ApiUnion.PublicName(release, type.Name));
                Codec codec = codecs.Value(release, type) ?? throw new EmitException($"{item.Cpp}.{field.Name}: unknown type {field.Type}.");
                managed = codec.Managed;
                native = inner is not null ? Codecs.LayoutName(inner, inner.LayoutIn(release)) : codec.Native;
                if (union.Enum(ApiUnion.PublicName(release, type.Name)) is { IsIdentity: false })
                {
                    throw new EmitException($"{item.Cpp}.{field.Name} holds {type.Name}, whose numbers differ between releases.");
                }
            }

            if (layout == 0)
            {
                writer.Lines(docs.Field(item.Name, item.Cpp, field.Name));
            }

            string declared = layout == 0 ? (managed == "bool" ? "byte" : managed) : native == "int" && managed != "int" ? managed : native;
            writer.Line($"[FieldOffset({field.Offset})]");
            writer.Line($"{access} {declared} {Naming.Member(field.Name)};");
            writer.Line();
            fields.Add((Naming.Member(field.Name), managed, declared, field));
        }

        if (layout > 0)
        {
            Conversions(writer, item, name, fields);
        }

        writer.Close();
    }

    private static void Conversions(CodeWriter writer, UnionStruct item, string name, List<(string Name, string Managed, string Native, FieldModel Field)> fields)
    {
        if (item.Name == "Dims")
        {
            writer.Open($"public static {name} FromManaged(in Dims value)");
            writer.Line($"{name} result = new() {{ NbDims = value.NbDims }};");
            writer.Line("ReadOnlySpan<long> extents = value.AsSpan();");
            writer.Open("for (int i = 0; i < extents.Length; i++)");
            writer.Line("result.D[i] = checked((int)extents[i]);");
            writer.Close();
            writer.Line();
            writer.Line("return result;");
            writer.Close();
            writer.Line();
            writer.Line("public readonly Dims ToManaged() => Dims.Widen(NbDims, D);");
        }
        else
        {
            writer.Line($"public static {name} FromManaged({item.Name} value) => new()");
            writer.Line("{");
            foreach ((string field, string managed, string native, FieldModel _) in fields)
            {
                writer.Line($"    {field} = {(native == managed ? $"value.{field}" : $"{native}.FromManaged(value.{field})")},");
            }

            writer.Line("};");
            writer.Line();
            writer.Line($"public readonly {item.Name} ToManaged() => new()");
            writer.Line("{");
            foreach ((string field, string managed, string native, FieldModel _) in fields)
            {
                writer.Line($"    {field} = {(native == managed ? field : $"{field}.ToManaged()")},");
            }

            writer.Line("};");
        }

        writer.Line();
        writer.Line($"public static {item.Name} Read(void* address) => (*({name}*)address).ToManaged();");
    }
}

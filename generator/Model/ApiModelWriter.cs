using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trt.Generator.Model;

/// <summary>Writes a model as JSON with one member per line, so that a new release is a readable diff.</summary>
internal static class ApiModelWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's text: UTF-8 without a byte order mark, lines ended by a line feed.</summary>
    public static string Write(ApiModel model)
    {
        List<string> sections =
        [
            Scalar("library", model.Library),
            Scalar("release", model.Release),
        ];
        if (model.Version.Length > 0)
        {
            sections.Add(Scalar("version", model.Version));
        }
        AddNumber(sections, "versionNumber", model.VersionNumber);
        AddNumber(sections, "apiVersion", model.ApiVersion);
        if (model.ParserHeader.Length > 0)
        {
            sections.Add(Scalar("parserHeader", model.ParserHeader));
        }
        AddArray(sections, "notes", model.Notes.Select(note => Json(writer => writer.WriteStringValue(note))));
        AddArray(sections, "enums", model.Enums.Select(Enum));
        AddArray(sections, "structs", model.Structs.Select(Struct));
        if (model.Aliases.Count > 0)
        {
            sections.Add("\"aliases\":{\n" + string.Join(",\n", model.Aliases.Select(a => Text(a.Key) + ":" + Text(a.Value))) + "\n}");
        }
        AddArray(sections, "classes", model.Classes.Select(Class));
        AddArray(sections, "functions", model.Functions.Select(Function));
        AddArray(sections, "tables", model.Tables.Select(Table));
        return "{\n" + string.Join(",\n", sections) + "\n}\n";
    }

    /// <summary>Writes the model into a folder under <see cref="ApiModel.FileName"/>.</summary>
    public static string Save(ApiModel model, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, model.FileName);
        File.WriteAllText(path, Write(model));
        return path;
    }

    private static string Enum(EnumModel item) =>
        Head(writer =>
        {
            writer.WriteString("name", item.Name);
            writer.WriteString("type", item.Type);
        }) + Block("members", item.Members.Select(member => Json(writer =>
        {
            writer.WriteStartArray();
            writer.WriteStringValue(member.Name);
            writer.WriteNumberValue(member.Value);
            writer.WriteEndArray();
        }))) + "}";

    private static string Struct(StructModel item) =>
        Head(writer =>
        {
            writer.WriteString("name", item.Name);
            WriteOptional(writer, "base", item.Base);
            writer.WriteNumber("size", item.Size);
            writer.WriteNumber("align", item.Align);
        }) + Block("fields", item.Fields.Select(Field)) + "}";

    private static string Class(ClassModel item) =>
        Head(writer =>
        {
            writer.WriteString("name", item.Name);
            writer.WriteString("kind", item.Kind.ToString().ToLowerInvariant());
            WriteOptional(writer, "base", item.Base);
            writer.WriteNumber("size", item.Size);
        })
        + Block("fields", item.Fields.Select(Field))
        + (item.Destructor is { } destructor ? ",\n\"destructor\":" + Json(writer => Destructor(writer, destructor)) : "")
        + (item.InterfaceInfo is { } info ? ",\n\"interfaceInfo\":" + Json(writer =>
        {
            writer.WriteStartArray();
            writer.WriteStringValue(info.Kind);
            writer.WriteNumberValue(info.Major);
            writer.WriteNumberValue(info.Minor);
            writer.WriteEndArray();
        }) : "")
        + Block("methods", item.Methods.Select(Method)) + "}";

    private static void Destructor(Utf8JsonWriter writer, DestructorModel destructor)
    {
        writer.WriteStartObject();
        writer.WriteString("access", destructor.Access);
        writer.WriteStartArray("linux");
        writer.WriteNumberValue(destructor.LinuxComplete);
        writer.WriteNumberValue(destructor.LinuxDeleting);
        writer.WriteEndArray();
        writer.WriteNumber("msvc", destructor.Msvc);
        writer.WriteEndObject();
    }

    private static string Field(FieldModel field) => Json(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(field.Name);
        writer.WriteStringValue(field.Type);
        writer.WriteNumberValue(field.Offset);
        writer.WriteEndArray();
    });

    private static string Method(MethodModel method) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", method.Name);
        writer.WriteString("returns", method.Returns);
        WriteParameters(writer, method.Parameters);
        WriteFlag(writer, "const", method.IsConst);
        WriteFlag(writer, "noexcept", method.IsNoexcept);
        WriteFlag(writer, "deprecated", method.IsDeprecated);
        WriteOptional(writer, "access", method.Access == "public" ? null : method.Access);
        WriteFlag(writer, "static", method.IsStatic);
        if (method.Linux is int linux && method.Msvc is int msvc)
        {
            writer.WriteNumber("linux", linux);
            writer.WriteNumber("msvc", msvc);
        }
        WriteFlag(writer, "pure", method.IsPure);
        WriteFlag(writer, "overrides", method.IsOverride);
        if (method.Calls is { } call)
        {
            writer.WriteStartObject("calls");
            writer.WriteString("field", call.Field);
            writer.WriteString("class", call.Class);
            WriteOptional(writer, "method", call.Method == method.Name ? null : call.Method);
            writer.WriteNumber("index", call.Index);
            if (call.Arguments is { } arguments)
            {
                writer.WriteStartArray("args");
                foreach (string argument in arguments)
                {
                    writer.WriteStringValue(argument);
                }
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        WriteOptional(writer, "default", method.Default);
        WriteOptional(writer, "skip", method.Skip);
        writer.WriteEndObject();
    });

    private static string Function(FunctionModel function) => Json(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("library", function.Library);
        writer.WriteString("name", function.Name);
        writer.WriteString("returns", function.Returns);
        WriteParameters(writer, function.Parameters);
        WriteFlag(writer, "deprecated", function.IsDeprecated);
        writer.WriteEndObject();
    });

    private static string Table(TableModel table) =>
        Head(writer =>
        {
            writer.WriteString("name", table.Name);
            writer.WriteNumber("size", table.Size);
        }) + Block("functions", table.Functions.Select(function => Json(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", function.Name);
            writer.WriteNumber("slot", function.Slot);
            writer.WriteString("returns", function.Returns);
            WriteParameters(writer, function.Parameters);
            writer.WriteEndObject();
        }))) + "}";

    private static void WriteParameters(Utf8JsonWriter writer, IReadOnlyList<ParameterModel> parameters)
    {
        if (parameters.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("params");
        foreach (ParameterModel parameter in parameters)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(parameter.Name);
            writer.WriteStringValue(parameter.Type);
            if (parameter.Default is not null)
            {
                writer.WriteStringValue(parameter.Default);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static void WriteFlag(Utf8JsonWriter writer, string name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, true);
        }
    }

    private static void WriteOptional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void AddNumber(List<string> sections, string name, int value)
    {
        if (value != 0)
        {
            sections.Add(FormattableString.Invariant($"\"{name}\":{value}"));
        }
    }

    private static void AddArray(List<string> sections, string name, IEnumerable<string> items)
    {
        string text = string.Join(",\n", items);
        if (text.Length > 0)
        {
            sections.Add($"\"{name}\":[\n{text}\n]");
        }
    }

    // An object without its closing brace: the parts with a line per member follow.
    private static string Head(Action<Utf8JsonWriter> write) => Json(writer =>
    {
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    })[..^1];

    private static string Block(string name, IEnumerable<string> lines)
    {
        string text = string.Join(",\n", lines);
        return text.Length == 0 ? "" : $",\n\"{name}\":[\n{text}]";
    }

    private static string Scalar(string name, string value) => Text(name) + ":" + Text(value);

    private static string Text(string value) => Json(writer => writer.WriteStringValue(value));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, Options))
        {
            write(writer);
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

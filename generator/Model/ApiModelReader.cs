using System.Text.Json;

namespace Trt.Generator.Model;

/// <summary>Reads what <see cref="ApiModelWriter"/> wrote.</summary>
internal static class ApiModelReader
{
    /// <summary>Reads one model file.</summary>
    /// <exception cref="ModelFormatException">The file is not a model; the message names it.</exception>
    public static ApiModel Load(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException($"{path} is not an API model: {e.Message} Write it anew with `trt-generator extract`.", e);
        }
    }

    /// <summary>Reads every model of a folder, ordered by file name.</summary>
    public static IReadOnlyList<ApiModel> LoadAll(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Load)];

    /// <summary>Reads a model from its JSON text.</summary>
    public static ApiModel Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        return new ApiModel
        {
            Library = Text(root, "library"),
            Release = Text(root, "release"),
            Version = Optional(root, "version") ?? "",
            VersionNumber = Number(root, "versionNumber") ?? 0,
            ApiVersion = Number(root, "apiVersion") ?? 0,
            ParserHeader = Optional(root, "parserHeader") ?? "",
            Notes = List(root, "notes", note => note.GetString()!),
            Enums = List(root, "enums", item => new EnumModel(Text(item, "name"), Text(item, "type"),
                List(item, "members", member => new EnumMember(member[0].GetString()!, member[1].GetInt64())))),
            Structs = List(root, "structs", item => new StructModel(Text(item, "name"), Optional(item, "base"),
                item.GetProperty("size").GetInt32(), item.GetProperty("align").GetInt32(), List(item, "fields", Field))),
            Aliases = Aliases(root),
            Classes = List(root, "classes", Class),
            Functions = List(root, "functions", Function),
            Tables = List(root, "tables", item => new TableModel(Text(item, "name"), item.GetProperty("size").GetInt32(),
                List(item, "functions", function => new TableFunctionModel(Text(function, "name"), function.GetProperty("slot").GetInt32(),
                    Text(function, "returns"), Parameters(function))))),
        };
    }

    private static ClassModel Class(JsonElement item) => new()
    {
        Name = Text(item, "name"),
        Kind = Text(item, "kind") switch
        {
            "wrapper" => ClassKind.Wrapper,
            "impl" => ClassKind.Impl,
            "interface" => ClassKind.Interface,
            string other => throw new FormatException($"Class {Text(item, "name")} has the unknown kind \"{other}\"."),
        },
        Base = Optional(item, "base"),
        Size = item.GetProperty("size").GetInt32(),
        Fields = List(item, "fields", Field),
        Destructor = item.TryGetProperty("destructor", out JsonElement destructor)
            ? new DestructorModel(Text(destructor, "access"), destructor.GetProperty("linux")[0].GetInt32(),
                destructor.GetProperty("linux")[1].GetInt32(), destructor.GetProperty("msvc").GetInt32())
            : null,
        InterfaceInfo = item.TryGetProperty("interfaceInfo", out JsonElement info)
            ? new InterfaceInfoModel(info[0].GetString()!, info[1].GetInt32(), info[2].GetInt32())
            : null,
        Methods = List(item, "methods", Method),
    };

    private static MethodModel Method(JsonElement item) => new()
    {
        Name = Text(item, "name"),
        Returns = Text(item, "returns"),
        Parameters = Parameters(item),
        IsConst = Flag(item, "const"),
        IsNoexcept = Flag(item, "noexcept"),
        IsDeprecated = Flag(item, "deprecated"),
        Access = Optional(item, "access") ?? "public",
        IsStatic = Flag(item, "static"),
        Linux = Number(item, "linux"),
        Msvc = Number(item, "msvc"),
        IsPure = Flag(item, "pure"),
        IsOverride = Flag(item, "overrides"),
        Calls = item.TryGetProperty("calls", out JsonElement call)
            ? new CallModel(Text(call, "field"), Text(call, "class"), Optional(call, "method") ?? Text(item, "name"), call.GetProperty("index").GetInt32(),
                call.TryGetProperty("args", out _) ? List(call, "args", argument => argument.GetString()!) : null)
            : null,
        Default = Optional(item, "default"),
        Skip = Optional(item, "skip"),
    };

    private static FunctionModel Function(JsonElement item) => new()
    {
        Library = Text(item, "library"),
        Name = Text(item, "name"),
        Returns = Text(item, "returns"),
        Parameters = Parameters(item),
        IsDeprecated = Flag(item, "deprecated"),
    };

    private static FieldModel Field(JsonElement item) => new(item[0].GetString()!, item[1].GetString()!, item[2].GetInt32());

    private static IReadOnlyList<ParameterModel> Parameters(JsonElement item) => List(item, "params", parameter =>
        new ParameterModel(parameter[0].GetString()!, parameter[1].GetString()!, parameter.GetArrayLength() > 2 ? parameter[2].GetString() : null));

    private static Dictionary<string, string> Aliases(JsonElement root) =>
        root.TryGetProperty("aliases", out JsonElement aliases)
            ? aliases.EnumerateObject().ToDictionary(alias => alias.Name, alias => alias.Value.GetString()!)
            : [];

    private static IReadOnlyList<T> List<T>(JsonElement item, string name, Func<JsonElement, T> read) =>
        item.TryGetProperty(name, out JsonElement array) ? [.. array.EnumerateArray().Select(read)] : [];

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static string? Optional(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static int? Number(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : null;

    private static bool Flag(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) && value.GetBoolean();
}

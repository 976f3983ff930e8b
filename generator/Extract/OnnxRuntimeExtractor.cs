using System.Globalization;
using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Makes the model of ONNX Runtime's C API: structs of function pointers.</summary>
internal sealed class OnnxRuntimeExtractor(ClangCompiler clang)
{
    private const string Header = "onnxruntime_c_api.h";
    private const int PointerSize = 8;

    // Paths: char on Linux, wchar_t on Windows. The header's own macro for it.
    private const string PathCharacter = "ORTCHAR_T";

    /// <summary>Extracts and verifies.</summary>
    /// <exception cref="ExtractException">Something is missing or not understood.</exception>
    public ApiModel Extract(ExtractRequest request)
    {
        HeaderSet headers = HeaderSet.OnnxRuntime(request.Folders);
        using WorkFolder work = new();
        string source = work.Write("api.cpp", headers.Source());
        IReadOnlyList<string> includes = [work.Stubs, .. headers.Folders];
        using AstDocument linux = new(clang.Compile(Target.LinuxX64, includes, source, "-fsyntax-only", "-Xclang", "-ast-dump=json"));
        using AstDocument windows = new(clang.Compile(Target.WindowsX64, includes, source, "-fsyntax-only", "-Xclang", "-ast-dump=json"));
        DeclarationIndex index = new(linux, headers.Folders, IsOwn);
        DeclarationIndex windowsIndex = new(windows, headers.Folders, IsOwn);
        int version = ApiVersion(headers, work);
        if (request.Release != string.Create(CultureInfo.InvariantCulture, $"1.{version}"))
        {
            throw new ExtractException($"The release {request.Release} was asked for, but {headers.Find(Header)} declares API version {version}. Give --release 1.{version}.");
        }

        List<DeclaredType> records = index.Classes;
        IReadOnlyDictionary<string, RecordLayout> layouts = new LayoutReader(clang, headers, work).Records([.. records.Select(type => type.LayoutName)]);
        TypeSpeller speller = new(index);
        TypeSpeller windowsSpeller = new(windowsIndex, allowWideText: true);
        ConstantReader constants = new(linux, index);
        TypeExtractor types = new(index, speller, constants, layouts);
        TypeExtractor windowsTypes = new(windowsIndex, windowsSpeller, new ConstantReader(windows, windowsIndex), layouts);
        IReadOnlyDictionary<string, string> windowsAliases = windowsTypes.Aliases();
        ParameterNames names = new(System.Text.Encoding.UTF8.GetString(clang.Compile(Target.LinuxX64, includes, source, "-E", "-P")));
        List<DeclaredType> tables = records.FindAll(IsTable);
        ApiModel model = new()
        {
            Library = request.Library,
            Release = request.Release,
            ApiVersion = version,
            Notes = [.. request.Notes, .. headers.Notes, $"{PathCharacter} is char on Linux and wchar_t on Windows."],
            Enums = [.. types.Enums().Where(item => IsOwn(index.Find(item.Name)!.Node))],
            Structs = [.. records.Except(tables).Select(type => new StructModel(type.Name, null, types.Layout(type).Size, types.Layout(type).Align,
                [.. types.Fields(type).Zip(windowsTypes.Fields(windowsIndex.Find(type.Name)!), (field, other) => field with { Type = Merge(field.Type, other.Type, type.Node) })]))],
            Aliases = types.Aliases().Where(pair => IsOwn(index.Find(pair.Key)!.Node))
                .ToDictionary(pair => pair.Key, pair => Merge(pair.Value, windowsAliases[pair.Key], index.Find(pair.Key)!.Node)),
            Functions = [.. index.Functions.Where(pair => IsOwn(pair.Node)).Select(pair => Function(pair.Node, speller, constants))],
            Tables = [.. tables.Select(type => Table(type, windowsIndex.Find(type.Name)!, types.Layout(type), speller, windowsSpeller, names))],
        };
        new ModelVerifier(clang, headers, work).Verify(model);
        return model;
    }

    private static TableModel Table(DeclaredType type, DeclaredType onWindows, RecordLayout layout, TypeSpeller speller, TypeSpeller windowsSpeller, ParameterNames names)
    {
        List<TableFunctionModel> functions = [];
        foreach ((AstNode field, AstNode windowsField) in type.Node.OfKind("FieldDecl").Zip(onWindows.Node.OfKind("FieldDecl")))
        {
            FunctionPointer pointer = FunctionPointer.TryParse(field.Type)!;
            FunctionPointer windowsPointer = FunctionPointer.TryParse(windowsField.Type)!;
            IReadOnlyList<string> parameters = names.Of(type.Name, field.Name, pointer.Parameters.Count)
                ?? throw new ExtractException($"{field.Where}: the parameters of {type.Name}::{field.Name} have a form that the extractor does not know.");
            functions.Add(new TableFunctionModel(field.Name, layout.Offsets[functions.Count] / PointerSize, speller.Spell(pointer.Returns, "", field),
                [.. pointer.Parameters.Zip(windowsPointer.Parameters, parameters).Select(item => new ParameterModel(item.Third,
                    Merge(speller.Spell(item.First, "", field, dropOuterConst: true), windowsSpeller.Spell(item.Second, "", windowsField, dropOuterConst: true), field)))]));
        }
        return new TableModel(type.Name, layout.Size, functions);
    }

    private static string Merge(string linux, string windows, AstNode at) =>
        linux == windows ? linux
        : linux.Replace("char", "wchar_t", StringComparison.Ordinal) == windows ? linux.Replace("char", PathCharacter, StringComparison.Ordinal)
        : throw new ExtractException($"{at.Where}: \"{at.Name}\" has the type {linux} on Linux and {windows} on Windows, a difference that the extractor does not know.");

    private static FunctionModel Function(AstNode node, TypeSpeller speller, ConstantReader constants) => new()
    {
        Library = ExtractRequest.OnnxRuntime,
        Name = node.Name,
        Returns = speller.Spell(Signature.Of(node).Returns, "", node),
        Parameters = [.. node.OfKind("ParmVarDecl").Select(parameter => ClassExtractor.Parameter(speller, constants, parameter, ""))],
        IsDeprecated = node.Has("DeprecatedAttr"),
    };

    private static bool IsTable(DeclaredType type) =>
        type.Node.Has("FieldDecl") && type.Node.OfKind("FieldDecl").All(field => FunctionPointer.TryParse(field.Type) is not null);

    private static bool IsOwn(AstNode node) => Path.GetFileName(node.File) is Header or "onnxruntime_error_code.h";

    private int ApiVersion(HeaderSet headers, WorkFolder work)
    {
        string source = work.Write("version.cpp", headers.Source() + "trt_generator_version ORT_API_VERSION\n");
        string text = System.Text.Encoding.UTF8.GetString(clang.Compile(Target.LinuxX64, [work.Stubs, .. headers.Folders], source, "-E", "-P"));
        Match match = Regex.Match(text, @"trt_generator_version (\d+)");
        return match.Success
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new ExtractException($"{headers.Find(Header)} does not define ORT_API_VERSION as a number.");
    }
}

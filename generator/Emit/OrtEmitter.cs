using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Writes the binding of ONNX Runtime's C API: its tables of functions, and the enums, structs and handles that those mention.</summary>
internal sealed class OrtEmitter
{
    /// <summary>Where the files go, from the root of the repository.</summary>
    public const string Folder = "bindings/generated/onnxruntime";

    private const string Namespace = "Trt.Cpu.OnnxRuntime.Native";
    private readonly ApiModel model;
    private readonly OrtTypes types;
    private readonly IDictionary<string, string> files;

    private OrtEmitter(ApiModel model, IDictionary<string, string> files)
    {
        this.model = model;
        this.files = files;
        types = new OrtTypes(model);
    }

    /// <summary>Adds the files of the newest model of ONNX Runtime; none where there is no such model.</summary>
    public static void Emit(IReadOnlyList<ApiModel> models, IDictionary<string, string> files)
    {
        if (models.Where(model => model.Library == "onnxruntime").MaxBy(model => model.ApiVersion) is { } newest)
        {
            new OrtEmitter(newest, files).EmitAll();
        }
    }

    private void EmitAll()
    {
        foreach (TableModel table in model.Tables)
        {
            Write(table.Name, writer => Table(writer, table));
        }

        foreach (StructModel item in model.Structs)
        {
            Write(item.Name, writer => Struct(writer, item));
        }

        Write("Enums", Enums);
        Write("Handles", Handles);
    }

    private void Table(CodeWriter writer, TableModel table)
    {
        writer.Line($"/// <summary>{table.Name}: a table of {table.Functions.Count} functions, read from the library's own memory.</summary>");
        writer.Open($"internal readonly unsafe struct {table.Name}(void** table)");
        if (table.Name == "OrtApi")
        {
            writer.Line("/// <summary>Version of the API that this was generated from; an older library has no table of that version.</summary>");
            writer.Line($"public const uint Version = {model.ApiVersion};");
            writer.Line();
        }

        writer.Line("private readonly void** table = table;");
        writer.Line();
        writer.Line("/// <summary>Whether the library gave no table.</summary>");
        writer.Line("public bool IsNull => table is null;");
        foreach (TableFunctionModel function in table.Functions)
        {
            writer.Line();
            Function(writer, function);
        }

        writer.Close();
    }

    private void Function(CodeWriter writer, TableFunctionModel function)
    {
        string declared = string.Join(", ", function.Parameters.Select(item => $"{item.Type} {item.Name}"));
        string parameters = string.Join(", ", function.Parameters.Select(item => $"{types.Of(item.Type)} {Naming.Parameter(item.Name)}"));
        string arguments = string.Join(", ", function.Parameters.Select(item => Naming.Parameter(item.Name)));
        string pointer = string.Join(", ", function.Parameters.Select(item => types.Of(item.Type)).Append(types.Of(function.Returns)));
        string call = $"((delegate* unmanaged<{pointer}>)table[{function.Slot}])({arguments})";
        bool isTable = types.IsTable(function.Returns, out string returned);
        writer.Line($"// slot {function.Slot}: {function.Returns} {function.Name}({declared})");
        writer.Line($"public {(isTable ? returned : types.Of(function.Returns))} {function.Name}({parameters}) =>");
        writer.Line(isTable ? $"    new({call});" : $"    {call};");
    }

    private void Struct(CodeWriter writer, StructModel item)
    {
        int end = 0;
        writer.Line($"/// <summary>{item.Name}: {item.Size} bytes on 64-bit systems.</summary>");
        writer.Line("[StructLayout(LayoutKind.Sequential)]");
        writer.Open($"internal unsafe struct {item.Name}");
        foreach (FieldModel field in item.Fields)
        {
            int size = types.SizeOf(field.Type);
            end = Aligned(end, size);
            if (end != field.Offset)
            {
                throw new EmitException($"{item.Name}.{field.Name} of ONNX Runtime lies at byte {field.Offset}, but C# would lay it at {end}.");
            }

            end += size;
            writer.Line($"public {types.Of(field.Type)} {Naming.Member(Naming.Parameter(field.Name).TrimStart('@'))}; // at {field.Offset}: {field.Type}");
        }

        writer.Close();
        if (item.Base is not null || Aligned(end, item.Align) != item.Size)
        {
            throw new EmitException($"{item.Name} of ONNX Runtime has {item.Size} bytes, but its members make {Aligned(end, item.Align)}.");
        }
    }

    private void Enums(CodeWriter writer)
    {
        foreach (EnumModel item in model.Enums)
        {
            if (item != model.Enums[0])
            {
                writer.Line();
            }

            writer.Line($"/// <summary>{item.Name}, with the names of the C header.</summary>");
            writer.Open($"internal enum {item.Name} : {types.Of(item.Type)}");
            writer.Lines(item.Members.Select(member => $"{member.Name} = {member.Value},"));
            writer.Close();
        }
    }

    private void Handles(CodeWriter writer)
    {
        writer.Line("// What the library makes and hands out by pointer only; each has a Release function in a table unless it belongs to another object.");
        writer.Lines(types.Opaque.Select(name => $"internal readonly struct {name};"));
    }

    private void Write(string name, Action<CodeWriter> body)
    {
        CodeWriter writer = new();
        writer.Line("// <auto-generated>");
        writer.Line($"// Generated by generator/ from bindings/models/{model.FileName}. Change the generator or extract a newer model, not this file.");
        writer.Line("// </auto-generated>");
        writer.Line("#nullable enable");
        writer.Line();
        writer.Line("using System.Runtime.InteropServices;");
        writer.Line();
        writer.Line($"namespace {Namespace};");
        writer.Line();
        body(writer);
        files.Add($"{Folder}/{name}.cs", writer.ToString());
    }

    private static int Aligned(int offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}

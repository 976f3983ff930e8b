using System.Text;
using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Has the compiler compare a finished model with the headers it came from: every signature, value, size and offset, spelled as the model spells it.</summary>
internal sealed partial class ModelVerifier(ClangCompiler clang, HeaderSet headers, WorkFolder work)
{
    /// <summary>Compiles the model's statements against the headers.</summary>
    /// <exception cref="ExtractException">One is not true; the message says which.</exception>
    public void Verify(ApiModel model)
    {
        List<string> lines = [.. headers.Source().TrimEnd().Split('\n'), "#define TRT_SAME(a, b) static_assert(__is_same(a, b), \"\")"];
        foreach (EnumModel item in model.Enums)
        {
            lines.AddRange(item.Members.Select(member => FormattableString.Invariant($"static_assert(static_cast<long long>({item.Name}::{member.Name}) == {member.Value}LL, \"{item.Name}::{member.Name}\");")));
        }
        foreach (StructModel item in model.Structs)
        {
            lines.Add(FormattableString.Invariant($"static_assert(sizeof({item.Name}) == {item.Size} && alignof({item.Name}) == {item.Align}, \"{item.Name}\");"));
            lines.AddRange(item.Fields.Select(field => Field(item.Name, field)));
        }
        foreach (ClassModel item in model.Classes)
        {
            lines.Add(FormattableString.Invariant($"static_assert(sizeof({item.Name}) == {item.Size}, \"{item.Name}\");"));
            lines.AddRange(item.Fields.Select(field => Field(item.Name, field)));
            lines.AddRange(item.Methods.Where(method => method.Skip is null || !method.Skip.StartsWith("std::", StringComparison.Ordinal)).Select(method => Method(item.Name, method)));
        }
        foreach (FunctionModel item in model.Functions)
        {
            string types = string.Join(", ", item.Parameters.Select(parameter => parameter.Type));
            lines.Add($"{{ {(model.Tables.Count == 0 ? "using namespace nvinfer1; " : "")}(void) static_cast<{item.Returns} (*)({types})>(&{item.Name}); }}");
        }
        foreach (TableModel item in model.Tables)
        {
            lines.Add(FormattableString.Invariant($"static_assert(sizeof({item.Name}) == {item.Size}, \"{item.Name}\");"));
            lines.AddRange(item.Functions.Select(function => TableFunction(item.Name, function)));
        }
        int start = lines.FindIndex(line => line.StartsWith("static_assert", StringComparison.Ordinal));
        if (start < 0)
        {
            return;
        }
        lines.Insert(start, "void trtGeneratorVerify() {");
        lines.Add("}");
        string source = work.Write("verify.cpp", string.Join('\n', lines) + "\n");
        try
        {
            clang.Compile(Target.LinuxX64, [work.Stubs, .. headers.Folders], source, "-fsyntax-only", "-Xclang", "-fno-access-control", "-Wno-invalid-offsetof");
        }
        catch (ExtractException e)
        {
            Match match = Position().Match(e.Message);
            string statement = match.Success ? lines[int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1] : "";
            throw new ExtractException($"The model of {model.Library} {model.Release} does not say what its headers say: {statement} {e.Message}");
        }
    }

    // A pointer to a function that does not throw converts to one that may, so function pointers are compared by conversion.
    private static string Field(string owner, FieldModel field) =>
        FormattableString.Invariant($"static_assert(__builtin_offsetof({owner}, {field.Name}) == {field.Offset}, \"\"); ")
        + (FunctionPointer.TryParse(field.Type) is null
            ? $"TRT_SAME(decltype({owner}::{field.Name}), {field.Type});"
            : $"(void) static_cast<{field.Type}>(static_cast<{owner}*>(nullptr)->{field.Name});");

    private static string Method(string owner, MethodModel method)
    {
        StringBuilder text = new("(void) static_cast<");
        text.Append(method.Returns).Append(method.IsStatic ? " (*)(" : $" ({owner}::*)(");
        text.AppendJoin(", ", method.Parameters.Select(parameter => parameter.Type)).Append(')');
        text.Append(method.IsConst ? " const" : "").Append(method.IsNoexcept ? " noexcept" : "");
        return text.Append(">(&").Append(owner).Append("::").Append(method.Name).Append(");").ToString();
    }

    private static string TableFunction(string owner, TableFunctionModel function) => FormattableString.Invariant(
        $"static_assert(__builtin_offsetof({owner}, {function.Name}) == {function.Slot} * sizeof(void*), \"\"); (void) static_cast<{function.Returns} (*)({string.Join(", ", function.Parameters.Select(parameter => parameter.Type))})>(static_cast<{owner}*>(nullptr)->{function.Name});");

    [GeneratedRegex(@"verify\.cpp:(\d+):")]
    private static partial Regex Position();
}

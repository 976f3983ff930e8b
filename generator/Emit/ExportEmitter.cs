using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>The libraries' exported functions as typed function pointers.</summary>
internal sealed class ExportEmitter(ApiUnion union, Codecs codecs)
{
    public void Emit(CodeWriter writer)
    {
        SortedDictionary<string, (ApiModel Model, FunctionModel Function)> functions = new(StringComparer.Ordinal);
        foreach (ApiModel model in union.Preferred)
        {
            foreach (FunctionModel function in model.Functions.Where(function => !function.Returns.Contains("safe::", StringComparison.Ordinal)))
            {
                functions.TryAdd(function.Name, (model, function));
            }
        }

        writer.Line("/// <summary>Exported functions, looked up when they are asked for; null where a library lacks one.</summary>");
        writer.Open("internal static unsafe class Exports");
        bool first = true;
        foreach ((string name, (ApiModel model, FunctionModel function)) in functions)
        {
            if (!first)
            {
                writer.Line();
            }

            first = false;
            string type = $"delegate* unmanaged<{string.Join(", ", function.Parameters.Select(parameter => codecs.Native(model, parameter.Type)).Append(codecs.Native(model, function.Returns)))}>";
            string releases = ReleaseRanges.Text(union, release => release.Functions.Any(other => other.Name == name));
            writer.Line($"// {function.Library}: {function.Returns} {name}({string.Join(", ", function.Parameters.Select(parameter => parameter.Type + " " + parameter.Name))}); {releases}");
            writer.Line($"public static {type} {CsName(name)}(Loading.NativeModule module) => ({type})module.Export(\"{name}\");");
        }

        writer.Close();
    }

    private static string CsName(string name) => Naming.Member(name.Replace("_INTERNAL", string.Empty, StringComparison.Ordinal));
}

using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>C++ spelling of the models' names for the probe: one flat namespace per release.</summary>
internal static class ProbeCpp
{
    private static readonly HashSet<string> Builtin = new(StringComparer.Ordinal)
    {
        "void", "bool", "char", "int", "float", "double", "const", "int8_t", "uint8_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "size_t",
    };

    /// <summary>The releases that the probe covers: the newest 8.x, 10.x, 11.x and RTX.</summary>
    public static IReadOnlyList<ApiModel> Releases(ApiUnion union) =>
        [.. new[] { ("tensorrt", "8.6.1"), ("tensorrt", "10.16"), ("tensorrt", "11.1"), ("tensorrt-rtx", "1.6") }
            .Select(name => union.Releases.FirstOrDefault(model => model.Library == name.Item1 && model.Release == name.Item2)
                ?? throw new EmitException($"The probe needs the model {name.Item1}-{name.Item2}.json."))];

    /// <summary>Namespace, and stem of file names, of a release.</summary>
    public static string Namespace(ApiModel model) => (model.Library + "_" + model.Release).Replace('-', '_').Replace('.', '_');

    /// <summary>nvinfer1::v_1_0::ILogger → v_1_0_ILogger.</summary>
    public static string Name(string qualified) => qualified.Replace("nvinfer1::", string.Empty, StringComparison.Ordinal).Replace("apiv::", string.Empty, StringComparison.Ordinal).Replace("::", "_", StringComparison.Ordinal);

    /// <summary>A type with its names flat and its aliases resolved; what only C++'s library knows is an address.</summary>
    public static string Type(ApiModel model, string type)
    {
        if (type.Contains("std::vector", StringComparison.Ordinal) || type.Contains("SubGraphCollection_t", StringComparison.Ordinal))
        {
            return "void*";
        }

        return Regex.Replace(type.Replace("std::size_t", "size_t", StringComparison.Ordinal), @"[A-Za-z_][\w:]*", match =>
            Builtin.Contains(match.Value) ? match.Value
            : model.Aliases.TryGetValue(match.Value, out string? target) ? Type(model, target)
            : Name(match.Value));
    }

    /// <summary>Names that a type mentions and no model declares: opaque structs.</summary>
    public static IEnumerable<string> Opaque(ApiModel model, string type)
    {
        if (type.Contains("std::vector", StringComparison.Ordinal) || type.Contains("SubGraphCollection_t", StringComparison.Ordinal))
        {
            yield break;
        }

        foreach (Match match in Regex.Matches(type, @"[A-Za-z_][\w:]*"))
        {
            string name = ApiUnion.Resolve(model, match.Value);
            if (!Builtin.Contains(name) && name is not "cudaStream_t" and not "cudaEvent_t" and not "std::size_t" and not "void*"
                && !model.Classes.Any(item => item.Name == name) && !model.Structs.Any(item => item.Name == name) && !model.Enums.Any(item => item.Name == name))
            {
                yield return Name(name);
            }
        }
    }

    /// <summary>Virtual functions that a class adds to its base's, in the order of their slots.</summary>
    public static IReadOnlyList<MethodModel> OwnVirtuals(ClassModel item) => [.. item.Methods.Where(method => method.Linux is not null && !method.IsOverride).OrderBy(method => method.Linux)];

    /// <summary>A method's parameters as C++ declares them.</summary>
    public static string Parameters(ApiModel model, MethodModel method) => string.Join(", ", method.Parameters.Select((parameter, i) => $"{Type(model, parameter.Type)} a{i}"));

    /// <summary>From the root class to this one.</summary>
    public static IReadOnlyList<ClassModel> Chain(ApiModel model, ClassModel item)
    {
        List<ClassModel> chain = [];
        for (ClassModel? one = item; one is not null; one = one.Base is null ? null : ApiUnion.ClassIn(model, one.Base))
        {
            chain.Insert(0, one);
        }

        return chain;
    }

    /// <summary>The release's number for a layer class; a class that no type names has the plugin layer's.</summary>
    public static long LayerType(ApiModel model, ClassModel item)
    {
        EnumModel types = model.Enums.First(one => one.Name == "nvinfer1::LayerType");
        string name = Naming.Last(item.Name);
        string wanted = name switch
        {
            "IIfConditionalInputLayer" => "CONDITIONALINPUT",
            "IIfConditionalOutputLayer" => "CONDITIONALOUTPUT",
            _ => name[1..^"Layer".Length].ToUpperInvariant(),
        };
        return (types.Members.FirstOrDefault(member => member.Name[1..].Replace("_", string.Empty, StringComparison.Ordinal) == wanted) ?? types.Members.First(member => member.Name == "kPLUGIN")).Value;
    }

    /// <summary>Classes, bases before what derives from them.</summary>
    public static IReadOnlyList<ClassModel> InOrder(ApiModel model)
    {
        List<ClassModel> result = [];
        void Add(ClassModel item)
        {
            if (item.Base is not null && ApiUnion.ClassIn(model, item.Base) is { } parent)
            {
                Add(parent);
            }

            if (!result.Contains(item))
            {
                result.Add(item);
            }
        }

        foreach (ClassModel item in model.Classes)
        {
            Add(item);
        }

        return result;
    }
}

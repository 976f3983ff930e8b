using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>How the probe writes a value down, in C++ and in C# alike.</summary>
internal sealed class ProbeKinds(Codecs codecs)
{
    /// <summary>Methods that tell how many elements another method's array has: their answers are small.</summary>
    private static readonly HashSet<string> Counts = new(StringComparer.Ordinal)
    {
        "IOptimizationProfile.getNbShapeValues", "IParserError.localFunctionStackSize", "ICudaEngine.getNbIOTensors", "ICudaEngine.getNbBindings",
        "ICudaEngine.getTensorShape", "ICudaEngine.getBindingDimensions", "IExecutionContext.getBindingDimensions",
    };

    public Annotations Annotations => codecs.Annotations;

    public static bool IsCount(UnionMember member) => Counts.Contains(member.FullName);

    /// <summary>A letter or word for the value that a type names, pointers aside, and the enumeration it needs.</summary>
    public (string Kind, UnionEnum? Enum) Of(ApiModel model, CppType type)
    {
        string resolved = ApiUnion.Resolve(model, type.Name);
        if (codecs.Annotations.Masks.TryGetValue(Naming.Last(type.Name), out string? flags))
        {
            return ("m", codecs.Union.Enums.First(item => item.Name == flags));
        }

        if (codecs.Union.Enum(ApiUnion.PublicName(model, resolved)) is { } enumeration)
        {
            return ("e", enumeration);
        }

        Codec codec = codecs.Value(model, type with { Stars = 0, IsReference = false }) ?? new Codec("nint", "nint");
        return codec.Managed switch
        {
            "bool" => ("b", null),
            "float" or "double" => ("f", null),
            "nint" => ("a", null),
            "Dims" => ("dims", null),
            "Permutation" => ("perm", null),
            "Weights" => ("weights", null),
            "InterfaceInfo" => ("info", null),
            "PluginFieldCollection" => ("fields", null),
            "PluginTensorDesc" => ("desc", null),
            "DynamicPluginTensorDesc" => ("dyn", null),
            "DimsExprs" => ("exprs", null),
            "TimingCacheKey" => ("key", null),
            "TimingCacheValue" => ("timing", null),
            "NvOnnxParser.RefitRecord" => ("refit", null),
            _ when Codecs.IsInteger(codec.Managed) => ("i", null),
            _ => throw new EmitException($"The probe has no way to write a {codec.Managed} down."),
        };
    }

    /// <summary>Which part (0, 1) of another parameter's number of elements a parameter is, or null.</summary>
    public static int? SmallPart(MemberPlan plan, ParameterPlan parameter)
    {
        string? expression = plan.Parameters.Select(other => other.Argument).FirstOrDefault(argument => argument.StartsWith("=nb", StringComparison.Ordinal));
        int at = expression is null ? -1 : Array.IndexOf(expression[1..].Split('+'), parameter.Cpp);
        return at < 0 ? null : at;
    }

    /// <summary>The same for an element of an array parameter.</summary>
    public (string Kind, UnionEnum? Enum) OfElement(ApiModel model, CppType type)
    {
        CppType element = type with { Stars = type.Stars - 1 };
        return element.Stars == 0 ? Of(model, element) : ApiUnion.Resolve(model, element.Name) == "char" ? ("s", null) : ("a", null);
    }
}

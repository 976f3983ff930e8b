using System.Text.RegularExpressions;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>C++ expressions of the probe that make and write down values.</summary>
internal sealed class ProbeValues(ProbeKinds kinds)
{
    /// <summary>Whether the called side writes into an array parameter.</summary>
    public static bool IsMutable(ParameterPlan parameter) => parameter.Managed?.StartsWith("Span<", StringComparison.Ordinal) == true;

    /// <summary>The type that a pointer or reference leads to, without its const.</summary>
    public static string Pointee(string type)
    {
        string trimmed = type.TrimEnd();
        return Regex.Replace(trimmed[^1] is '*' or '&' ? trimmed[..^1].TrimEnd() : trimmed, @"\s+const$", string.Empty);
    }

    public static string Show(string kind, string expression) => $"r.{kind}({expression});";

    /// <summary>C++ type of the elements of an array parameter.</summary>
    public static string Element(ApiModel model, ParameterPlan parameter, string text) => parameter.Form == ParameterForm.Bytes ? "uint8_t" : ProbeCpp.Type(model, Pointee(text));

    public string ElementKind(ApiModel model, ParameterPlan parameter, CppType type) => parameter.Form switch
    {
        ParameterForm.Strings => "s",
        ParameterForm.Objects => "a",
        ParameterForm.Bytes => "i",
        _ => kinds.OfElement(model, type).Kind,
    };

    /// <summary>A new value of a type, noted as it is made.</summary>
    public string Make(ApiModel model, CppType type, string kind, string cpp) => kind switch
    {
        "b" => "r.mb()",
        "s" => "r.ms()",
        "s1" => "r.ms1()",
        "m" => $"r.mm<{ProbeCpp.Name(kinds.Of(model, type).Enum!.Models[model].Name)}>()",
        _ => $"r.m{kind}<{cpp}>()",
    };

    /// <summary>What an object of the probe answers; empty when there is nothing to answer.</summary>
    public string Answer(ApiModel model, MethodModel method, MemberPlan plan)
    {
        CppType type = CppType.Parse(method.Returns);
        string cpp = ProbeCpp.Type(model, method.Returns);
        switch (plan.Return.Form)
        {
            case ReturnForm.Void:
                return string.Empty;
            case ReturnForm.Success:
                return cpp == "void" ? string.Empty : "r.ok()";
            case ReturnForm.String:
                return "r.ms()";
            case ReturnForm.Object:
                return type.IsReference ? $"*r.mo<{ProbeCpp.Type(model, type.Name)}>(false)" : $"r.mo<{ProbeCpp.Type(model, type.Name)}>(true)";
            case ReturnForm.Fields:
                return $"r.mfields<{ProbeCpp.Type(model, type.Name)}>()";
            case ReturnForm.Array:
                return Array(model, method, plan);
        }

        if (cpp == "void")
        {
            throw plan.Error($": void in {model.FileName}, a value elsewhere; the probe has no way to check that");
        }

        string kind = kinds.Of(model, type).Kind;
        return ProbeKinds.IsCount(plan.Member) ? $"r.small{(kind == "dims" ? "dims" : string.Empty)}<{cpp}>()"
            : type.IsReference ? $"r.keep({Make(model, type, kind, ProbeCpp.Type(model, Pointee(method.Returns)))})"
            : Make(model, type, kind, cpp);
    }

    /// <summary>Reads an array that was answered.</summary>
    public string ReadArray(ApiModel model, MemberPlan plan, string call)
    {
        ParameterPlan? countOut = plan.Return.Count.StartsWith('=') ? null : plan.Parameters.First(parameter => parameter.Cpp == plan.Return.Count);
        string data = plan.Return.Element == "byte" ? "static_cast<uint8_t const*>(y)" : "y";
        return $"auto y = {call}; r.all({data}, y ? {(countOut is null ? "r.n()" : $"r.count(x{countOut.Index})")} : 0, [&](auto const& e) {{ {Show(AnswerElement(model, plan), "e")} }});";
    }

    private string AnswerElement(ApiModel model, MemberPlan plan) => plan.Return.Class is not null ? "a" : plan.Return.Element switch
    {
        "string" => "s",
        "byte" => "i",
        _ => kinds.Of(model, plan.Return.Type with { Stars = 0, IsReference = false }).Kind,
    };

    private string Array(ApiModel model, MethodModel method, MemberPlan plan)
    {
        ReturnPlan returns = plan.Return;
        string element = returns.Element == "byte" ? "uint8_t" : ProbeCpp.Type(model, Pointee(method.Returns));
        string make = returns.Class is not null ? $"r.mo<{ProbeCpp.Type(model, returns.Type.Name)}>(false)"
            : Make(model, returns.Type, AnswerElement(model, plan) is var kind && kind == "s" ? "s1" : kind, element);
        ParameterPlan? countOut = returns.Count.StartsWith('=') ? null : plan.Parameters.First(parameter => parameter.Cpp == returns.Count);
        string count = countOut is null ? "static_cast<int*>(nullptr)" : method.Parameters[countOut.Index].Type.Contains('&', StringComparison.Ordinal) ? $"&a{countOut.Index}" : $"a{countOut.Index}";
        return $"r.array<{element}>({count}, [&] {{ return {make}; }})";
    }
}

namespace Trt.Generator.Emit;

/// <summary>How a proxy turns the arguments of a call, and elements of its arrays, into what native code takes.</summary>
internal static class ProxyArguments
{
    /// <summary>Writes the conversions of a variant's arguments and gives the expressions to pass.</summary>
    public static IReadOnlyList<string> Convert(CodeWriter writer, MemberPlan plan, Variant variant, Func<ParameterPlan, string> name, Func<ParameterPlan, string> stem)
    {
        List<string> result = [];
        foreach (ParameterPlan parameter in plan.Parameters)
        {
            string native = variant.Parameters[parameter.Index];
            string local = stem(parameter);
            switch (parameter.Form)
            {
                case ParameterForm.Value:
                    result.Add(Value(writer, plan, variant, parameter, name(parameter), local, native));
                    break;
                case ParameterForm.String:
                    result.Add($"{local}Text.Pointer");
                    break;
                case ParameterForm.Strings:
                    result.Add($"{local}Texts.Pointer");
                    break;
                case ParameterForm.Fields:
                    result.Add($"{local}Fields.Pointer");
                    break;
                case ParameterForm.Object:
                    result.Add($"{local}Address");
                    break;
                case ParameterForm.Objects:
                    result.Add($"({native}){local}Addresses.Pointer");
                    break;
                case ParameterForm.OutObject:
                case ParameterForm.Out:
                    result.Add($"&{local}Out");
                    break;
                case ParameterForm.Bytes:
                    result.Add($"({native}){local}Pointer");
                    break;
                case ParameterForm.Unsized:
                    result.Add($"({native}){parameter.Name}.Pointer");
                    break;
                case ParameterForm.Span when IsDirect(plan, parameter):
                    result.Add($"({native}){local}Pointer");
                    break;
                case ParameterForm.Span:
                    Codec codec = ElementOf(plan, parameter, variant);
                    writer.Line($"using NativeBuffer<{codec.Native}> {local}Buffer = new({parameter.Name}.Length);");
                    writer.Open($"for (int i = 0; i < {parameter.Name}.Length; i++)");
                    writer.Line($"{local}Buffer.Pointer[i] = {codec.Out(parameter.Name + "[i]", "Library")};");
                    writer.Close();
                    result.Add($"{local}Buffer.Pointer");
                    break;
                case ParameterForm.Count:
                    ParameterPlan? counted = plan.Parameters.FirstOrDefault(other => other.Argument == parameter.Cpp && other.Form != ParameterForm.List);
                    result.Add(counted is null
                        ? $"&{local}Out"
                        : native switch { "int" => $"{counted.Name}.Length", "nuint" => $"(nuint){counted.Name}.Length", _ => $"({native}){counted.Name}.Length" });
                    break;
                default:
                    throw plan.Error($": no way to pass {parameter.Cpp}");
            }
        }

        // Some public methods pass a constant zero or null for what the virtual function takes besides.
        result.AddRange(variant.Parameters.Skip(result.Count).Select(_ => "default"));
        return result;
    }

    private static string Value(CodeWriter writer, MemberPlan plan, Variant variant, ParameterPlan parameter, string name, string local, string native)
    {
        if (parameter.Managed == "nint")
        {
            return native == "nint" ? name : $"({native}){name}";
        }

        CppType type = CppType.Parse(variant.Native.Parameters[parameter.Index].Type);
        Codec codec = plan.Codecs.Value(variant.Model, type with { Stars = 0, IsReference = false }, Codecs.IsInteger(parameter.Managed!) ? parameter.Managed : null)!;
        if (native == codec.Native)
        {
            string expression = codec.Out(name, "Library");
            if (expression == name || !codec.ToNative.Contains("{L}", StringComparison.Ordinal) && !expression.Contains("checked", StringComparison.Ordinal) && !expression.Contains("FromManaged", StringComparison.Ordinal))
            {
                return expression;
            }

            writer.Line($"{native} {local}Native = {expression};");
            return local + "Native";
        }

        if (codec.ToNative == "{0}")
        {
            if (name == "value" && plan.Parameters.Count == 1)
            {
                writer.Line($"{codec.Native} {local}Native = {name};");
                return $"&{local}Native";
            }

            return "&" + name;
        }

        writer.Line($"{codec.Native} {local}Native = {codec.Out(name, "Library")};");
        return $"&{local}Native";
    }

    public static bool IsDirect(MemberPlan plan, ParameterPlan parameter) => plan.Variants.All(variant => ElementOf(plan, parameter, variant).IsBlittable || ElementOf(plan, parameter, variant).Managed == "bool");

    public static Codec ElementOf(MemberPlan plan, ParameterPlan parameter, Variant variant)
    {
        CppType type = CppType.Parse(variant.Native.Parameters[parameter.Index].Type);
        type = type with { Stars = type.Stars - 1 };
        return type.Stars > 0 ? new Codec("nint", "nint") : plan.Codecs.Value(variant.Model, type)!;
    }

    public static Codec ReturnCodec(MemberPlan plan, Variant variant)
    {
        CppType type = CppType.Parse(variant.Native.Returns);
        return plan.Codecs.Value(variant.Model, type with { Stars = 0, IsReference = false }, Codecs.IsInteger(plan.Return.Managed) ? plan.Return.Managed : null)!;
    }
}

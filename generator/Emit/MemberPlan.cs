using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>What a method is in C#, and how its arguments cross.</summary>
internal sealed class MemberPlan
{
    private readonly Codecs codecs;

    public MemberPlan(UnionMember member, Codecs codecs)
    {
        this.codecs = codecs;
        Member = member;
        Model = codecs.Union.Preferred.First(member.Bindings.ContainsKey);
        Best = member.Bindings[Model];
        Rule = codecs.Annotations.For(member.FullName, Best.Public.Parameters.Count);
        Variants = [.. FindVariants()];
        if (Variants.Count > 4)
        {
            throw Error($"has {Variants.Count} signature variants; the tables hold four");
        }

        foreach (Binding binding in member.Bindings.Values)
        {
            if (binding.Native.Parameters.Count < Best.Public.Parameters.Count)
            {
                throw Error("has fewer parameters in the virtual function than in the public one");
            }
        }

        Parameters = [.. PlanParameters()];
        ReturnPlan plan = PlanReturn();
        // Rules speak of families of members; only a result of the right kind can tell of a failure.
        Return = plan.Fails switch
        {
            "false" when plan.Form == ReturnForm.Success => plan,
            "null" when plan.Form is ReturnForm.Object or ReturnForm.String => plan,
            "negative" when plan.Form is ReturnForm.Value or ReturnForm.Lists => plan,
            _ => plan with { Fails = "never" },
        };
    }

    public UnionMember Member { get; }

    public Annotations.Rule Rule { get; }

    public ApiModel Model { get; }

    public Binding Best { get; }

    public IReadOnlyList<Variant> Variants { get; }

    public IReadOnlyList<ParameterPlan> Parameters { get; }

    public ReturnPlan Return { get; }

    public Codecs Codecs => codecs;

    public string CsName => codecs.Annotations.Names.TryGetValue(Member.FullName, out string? name) ? name : Naming.Member(Member.Name);

    /// <summary>Parameters that users see.</summary>
    public IEnumerable<ParameterPlan> Visible => Parameters.Where(parameter => parameter.Managed is not null);

    /// <summary>The overload that says the same with parameters that have defaults, or null.</summary>
    public MemberPlan? Longer { get; set; }

    /// <summary>Whether another overload stands for this one with its defaults.</summary>
    public bool HasShorter { get; set; }

    public bool IsTrivial => Rule.Trivial == "true";

    public EmitException Error(string what) => new($"{Member.FullName} ({Model.FileName}) {what}.");

    /// <summary>C++ declaration in one line.</summary>
    public string CppDeclaration => $"{Short(Best.Public.Returns)} {Member.Name}({string.Join(", ", Best.Public.Parameters.Select(parameter => Short(parameter.Type) + " " + parameter.Name))}){(Best.Public.IsConst ? " const" : string.Empty)}";

    private static string Short(string type) => System.Text.RegularExpressions.Regex.Replace(type, "(nvinfer1|nvonnxparser|nvcaffeparser1|nvuffparser)::(v_[0-9]_[0-9]::)?", string.Empty);

    private IEnumerable<Variant> FindVariants()
    {
        Dictionary<string, Variant> known = new(StringComparer.Ordinal);
        foreach (ApiModel model in codecs.Union.Preferred.Where(Member.Bindings.ContainsKey))
        {
            MethodModel native = Member.Bindings[model].Native;
            string returns = codecs.Native(model, native.Returns);
            string[] parameters = [.. native.Parameters.Select(parameter => codecs.Native(model, parameter.Type))];
            string key = returns + "(" + string.Join(',', parameters) + ")";
            if (!known.TryGetValue(key, out Variant? variant))
            {
                known[key] = variant = new Variant(known.Count, model, native, returns, parameters);
            }

            variant.Releases.Add(model);
        }

        return known.Values;
    }

    private IEnumerable<ParameterPlan> PlanParameters()
    {
        IReadOnlyList<ParameterModel> all = Best.Public.Parameters;
        HashSet<string> counts = new(StringComparer.Ordinal);
        foreach (string role in Rule.Parameters.Values)
        {
            string[] words = role.Split(' ');
            if (words.Length > 1 && words[0] is "span" or "bytes" or "strings" or "list" or "objects" && !words[1].StartsWith('='))
            {
                counts.Add(words[1]);
            }
        }

        if (Rule.Returns?.Split(' ') is ["list", { } count, ..] && !count.StartsWith('='))
        {
            counts.Add(count);
        }

        for (int i = 0; i < all.Count; i++)
        {
            yield return PlanParameter(all[i], i, counts.Contains(all[i].Name));
        }
    }

    private ParameterPlan PlanParameter(ParameterModel parameter, int index, bool isCount)
    {
        CppType type = CppType.Parse(parameter.Type);
        string name = parameter.Name.Length == 0 ? "arg" + index : parameter.Name;
        ParameterPlan plan = new(name, index, type) { Role = Rule.Parameters.GetValueOrDefault(name, string.Empty), Default = parameter.Default };
        string word = plan.Role.Split(' ')[0];
        if (isCount)
        {
            return plan with { Form = ParameterForm.Count };
        }

        bool nullable = plan.Role.Split(' ').Contains("nullable");
        UnionClass? named = codecs.ClassOf(Model, type);
        string resolved = ApiUnion.Resolve(Model, type.Name);
        switch (word)
        {
            case "bytes":
                return plan with { Form = ParameterForm.Bytes, Managed = type.IsConst ? "ReadOnlySpan<byte>" : "Span<byte>" };
            case "strings":
                return plan with { Form = ParameterForm.Strings, Managed = "ReadOnlySpan<string>" };
            case "objects":
                return plan with { Form = ParameterForm.Objects, Class = named, Managed = $"ReadOnlySpan<{Codecs.TypeName(named!.Cpp)}>" };
            case "list":
                return plan with { Form = ParameterForm.List };
            case "out":
                return plan with { Form = ParameterForm.Out, Managed = "out " + codecs.Value(Model, type with { Stars = 0, IsReference = false })!.Managed };
            case "raw":
                return plan with { Form = ParameterForm.Value, Managed = "nint" };
        }

        if (word is "span" or "unsized")
        {
            CppType element = type with { Stars = type.Stars - 1 };
            Codec codec = element.Stars > 0 ? new Codec("nint", "nint") : codecs.Value(Model, element)!;
            bool readOnly = element.Stars > 0 ? !plan.Role.Contains("mutable", StringComparison.Ordinal) : type.IsConst || plan.Role.Contains("const", StringComparison.Ordinal);
            return word == "unsized"
                ? plan with { Form = ParameterForm.Unsized, Managed = $"UnsizedArray<{codec.Managed}>" }
                : plan with { Form = ParameterForm.Span, IsReadOnly = readOnly, Managed = (readOnly ? "ReadOnlySpan<" : "Span<") + codec.Managed + ">" };
        }

        if (named is not null)
        {
            if (type.Levels == 1)
            {
                if (!type.IsReference && !plan.Role.Contains("nullable", StringComparison.Ordinal) && !plan.Role.Contains("required", StringComparison.Ordinal))
                {
                    throw Error($": the pointer {name} needs an annotation: nullable or required");
                }

                if (named.IsInterface && Member.Owner.Kind != ClassKind.Interface && !plan.Role.Contains("keep", StringComparison.Ordinal) && !plan.Role.Contains("call", StringComparison.Ordinal))
                {
                    throw Error($": the callback {name} needs an annotation: keep or call");
                }

                return plan with { Form = ParameterForm.Object, Class = named, IsNullable = nullable, Managed = Codecs.TypeName(named.Cpp) + (nullable ? "?" : string.Empty) };
            }

            if (type.Levels == 2 && type.IsReference)
            {
                return plan with { Form = ParameterForm.OutObject, Class = named, Managed = "out " + Codecs.TypeName(named.Cpp) + "?" };
            }
        }
        else if (resolved == "char" && type.Levels == 1)
        {
            return plan with { Form = ParameterForm.String, IsNullable = nullable, Managed = nullable ? "string?" : "string" };
        }
        else if (resolved == "void" && type.Levels == 1)
        {
            return plan with { Form = ParameterForm.Value, Managed = "nint" };
        }
        else if (Codecs.IsOpaque(type) && type.Levels == 1)
        {
            return plan with { Form = ParameterForm.Value, Managed = "nint" };
        }
        else if (codecs.Value(Model, type with { Stars = 0, IsReference = false }) is { } codec)
        {
            if (type.Levels == 0)
            {
                return plan with { Form = ParameterForm.Value, Managed = Widest(index, codec.Managed) };
            }

            if (type.Levels == 1 && codec.Managed == "PluginFieldCollection")
            {
                return plan with { Form = ParameterForm.Fields, Managed = "PluginFieldCollection" };
            }

            if (type.Levels == 1 && type.IsReference && type.IsConst)
            {
                return plan with { Form = ParameterForm.Value, Managed = codec.Managed };
            }

            if (type.Levels == 1 && type.IsReference)
            {
                return plan with { Form = ParameterForm.Out, Managed = "out " + codec.Managed };
            }
        }

        throw Error($": the pointer {parameter.Type} {name} needs an annotation: span, bytes, strings, objects, list, unsized, out or raw");
    }

    private string Widest(int index, string managed)
    {
        foreach ((ApiModel model, Binding binding) in Member.Bindings)
        {
            string other = codecs.Value(model, CppType.Parse(binding.Native.Parameters[index].Type) with { Stars = 0, IsReference = false })!.Managed;
            managed = Codecs.IsInteger(managed) && Codecs.IsInteger(other) ? Codecs.Wider(managed, other) : managed;
        }

        return managed;
    }

    private ReturnPlan PlanReturn()
    {
        // void in some releases and bool in others: the one that can tell.
        MethodModel publicMethod = Member.Bindings.Values.Select(binding => binding.Public).FirstOrDefault(method => method.Returns != "void") ?? Best.Public;
        CppType type = CppType.Parse(publicMethod.Returns);
        string resolved = ApiUnion.Resolve(Model, type.Name);
        string[] words = (Rule.Returns ?? string.Empty).Split(' ');
        UnionClass? named = codecs.ClassOf(Model, type);
        ReturnPlan plan = new() { Type = type, Fails = Rule.Fails ?? "never" };
        if (Parameters.Any(parameter => parameter.Form == ParameterForm.List))
        {
            ParameterPlan[] lists = [.. Parameters.Where(parameter => parameter.Form == ParameterForm.List)];
            string[] elements = [.. lists.Select(list => ListElement(list).Managed)];
            return plan with { Form = ReturnForm.Lists, Managed = elements.Length == 1 ? elements[0] + "[]" : $"({string.Join(", ", elements.Select((element, i) => element + " " + Naming.Member(lists[i].Name.TrimEnd('s'))))})[]" };
        }

        if (words[0] == "list")
        {
            bool nullable = words.Contains("nullable");
            string element = named is not null ? Codecs.TypeName(named.Cpp) : resolved == "char" ? "string" : resolved == "void" ? "byte" : codecs.Value(Model, type with { Stars = 0 })!.Managed;
            return plan with { Form = ReturnForm.Array, Class = named, Element = element, Count = words[1], Managed = element + "[]" + (nullable ? "?" : string.Empty), IsNullable = nullable };
        }

        if (named is not null)
        {
            if (words[0] is not ("owned" or "borrowed") && !type.IsReference)
            {
                throw Error($": the returned {publicMethod.Returns} needs an annotation: owned or borrowed");
            }

            bool nullable = plan.Fails != "null" && !type.IsReference;
            return plan with { Form = ReturnForm.Object, Class = named, IsOwned = words[0] == "owned", IsDetached = words.Contains("detached"), IsNullable = nullable, Managed = Codecs.TypeName(named.Cpp) + (nullable ? "?" : string.Empty) };
        }

        if (resolved == "void" && type.Levels == 0)
        {
            return plan with { Form = ReturnForm.Void, Managed = "void" };
        }

        if (resolved == "char")
        {
            bool nullable = words.Contains("nullable");
            return plan with { Form = ReturnForm.String, IsNullable = nullable, Managed = nullable ? "string?" : "string" };
        }

        if (resolved == "void")
        {
            return plan with { Form = ReturnForm.Value, Managed = "nint" };
        }

        Codec? codec = codecs.Value(Model, type with { Stars = 0, IsReference = false });
        if (codec is null || type.Levels > 1 || (type.Levels == 1 && !type.IsReference && codec.Managed != "PluginFieldCollection"))
        {
            throw Error($": the returned {publicMethod.Returns} needs an annotation: list COUNT");
        }

        if (codec.Managed == "PluginFieldCollection")
        {
            return plan with { Form = ReturnForm.Fields, IsNullable = true, Managed = "PluginFieldCollection?" };
        }

        string managed = codec.Managed;
        foreach ((ApiModel model, Binding binding) in Member.Bindings)
        {
            if (codecs.Value(model, CppType.Parse(binding.Native.Returns) with { Stars = 0, IsReference = false })?.Managed is { } other && Codecs.IsInteger(managed) && Codecs.IsInteger(other))
            {
                managed = Codecs.Wider(managed, other);
            }
        }

        return plan.Fails == "false" && managed == "bool"
            ? plan with { Form = ReturnForm.Success, Managed = "void" }
            : plan with { Form = ReturnForm.Value, Managed = managed };
    }

    public Codec ListElement(ParameterPlan list)
    {
        CppType element = list.Type with { Stars = list.Type.Stars - 1 };
        return element.Stars == 1 && element.Name == "char" ? new Codec("string", "byte*", IsBlittable: false) : codecs.Value(Model, element)!;
    }
}

/// <summary>One ABI signature of a method.</summary>
internal sealed record Variant(int Number, ApiModel Model, MethodModel Native, string Returns, IReadOnlyList<string> Parameters)
{
    public List<ApiModel> Releases { get; } = [];

    /// <summary>The function pointer's type.</summary>
    public string Pointer(bool trivial) => $"delegate* unmanaged[MemberFunction{(trivial ? ", SuppressGCTransition" : string.Empty)}]<{string.Join(", ", Parameters.Prepend("void*").Append(Returns))}>";
}

internal enum ParameterForm
{
    Value, String, Object, OutObject, Out, Fields, Span, Unsized, Bytes, Strings, Objects, List, Count,
}

internal sealed record ParameterPlan(string Cpp, int Index, CppType Type)
{
    public ParameterForm Form { get; init; }

    /// <summary>C# type, or null when users do not see it.</summary>
    public string? Managed { get; init; }

    public string Role { get; init; } = "";

    public string? Default { get; init; }

    public UnionClass? Class { get; init; }

    public bool IsNullable { get; init; }

    public bool IsReadOnly { get; init; }

    public string Name => Naming.Parameter(Cpp);

    /// <summary>The name where a suffix is added.</summary>
    public string Stem => Name.TrimStart('@');

    /// <summary>What the role says behind its first word.</summary>
    public string Argument => Role.Split(' ') is [_, { } second, ..] ? second : string.Empty;
}

internal enum ReturnForm
{
    Void, Value, Success, String, Object, Array, Lists, Fields,
}

internal sealed record ReturnPlan
{
    public required CppType Type { get; init; }

    public required string Fails { get; init; }

    public ReturnForm Form { get; init; }

    public string Managed { get; init; } = "void";

    public string Element { get; init; } = "";

    public string Count { get; init; } = "";

    public UnionClass? Class { get; init; }

    public bool IsOwned { get; init; }

    /// <summary>It belongs to what the asked object belongs to.</summary>
    public bool IsDetached { get; init; }

    public bool IsNullable { get; init; }
}

using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>The public C# interface of a class.</summary>
internal sealed class InterfaceEmitter(ApiUnion union, Docs docs)
{
    public void Emit(CodeWriter writer, ClassPlan plan)
    {
        UnionClass item = plan.Class;
        writer.Lines(docs.Type(item.Name, item.Cpp, $"C++: <c>{item.Cpp}</c>. {Releases(item)}"));
        List<string> bases = [];
        if (item.Parent is not null)
        {
            bases.Add(item.Parent.Name);
        }

        if (item.IsOwnedByCaller && item.Parent?.IsOwnedByCaller != true)
        {
            bases.Add("IDisposable");
        }

        writer.Open($"public partial interface {item.Name}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : string.Empty)}");
        bool first = true;
        foreach (PropertyPlan property in plan.Properties)
        {
            Separate(writer, ref first);
            Property(writer, plan, property);
        }

        foreach (MemberPlan method in plan.Methods)
        {
            Separate(writer, ref first);
            Method(writer, plan, method);
        }

        writer.Close();
    }

    /// <summary>Whether a release's implementations may lack the member, so that it needs a body of its own.</summary>
    public bool NeedsBody(UnionClass item, MemberPlan plan) => plan.Rule.Default is not null || plan.Longer is not null || !InBaseline(item, plan.Member);

    public static string Signature(MemberPlan plan, bool defaults, Func<ParameterPlan, string>? type = null) =>
        string.Join(", ", plan.Visible.Select(parameter => $"{(type?.Invoke(parameter)) ?? parameter.Managed} {parameter.Name}{(defaults ? DefaultOf(plan, parameter) : string.Empty)}"));

    /// <summary>Whether the base has a member of the same name and parameters, which this one hides.</summary>
    public static bool Hides(UnionClass item, string name, int parameters) =>
        item.Parent is not null && item.Chain.SkipLast(1).Any(ancestor => ancestor.Members.Any(member => Naming.Member(member.Name) == name && member.Bindings.Values.First().Public.Parameters.Count == parameters));

    private static void Separate(CodeWriter writer, ref bool first)
    {
        if (!first)
        {
            writer.Line();
        }

        first = false;
    }

    /// <summary>The longer overload, called with what the shorter one has and the defaults.</summary>
    public static string CallLonger(MemberPlan plan) =>
        $"{plan.CsName}({string.Join(", ", plan.Longer!.Visible.Select((parameter, i) => i < plan.Visible.Count() ? plan.Visible.ElementAt(i).Name : DefaultValue(parameter)))})";

    /// <summary>A parameter's default in C#, or null.</summary>
    public static string? DefaultValue(ParameterPlan parameter) => parameter.Default switch
    {
        null => null,
        "nullptr" or "0" or "NULL" when parameter.Form is ParameterForm.String or ParameterForm.Object => "null",
        "false" or "true" or "0" or "\"\"" => parameter.Default,
        _ when parameter.Default.Contains("::k", StringComparison.Ordinal) => $"{parameter.Managed}.{Naming.Enumerator(Naming.Last(parameter.Default))}",
        _ => null,
    };

    private static string DefaultOf(MemberPlan plan, ParameterPlan parameter)
    {
        if (plan.HasShorter || parameter.Default is null || plan.Visible.SkipWhile(other => other != parameter).Any(other => other.Default is null))
        {
            return string.Empty;
        }

        return DefaultValue(parameter) is { } value ? " = " + value : string.Empty;
    }

    private bool InBaseline(UnionClass item, UnionMember member)
    {
        ApiModel baseline = union.Releases.FirstOrDefault(model => model is { Library: "tensorrt", Release: "10.0.1" } && item.Models.ContainsKey(model)) ?? union.Releases.First(item.Models.ContainsKey);
        return member.Bindings.ContainsKey(baseline);
    }

    private string Releases(UnionClass item) => ReleaseRanges.Text(union, item.Models.ContainsKey) + ".";

    private void Property(CodeWriter writer, ClassPlan plan, PropertyPlan property)
    {
        UnionClass item = plan.Class;
        writer.Lines(docs.Property(item.Name, property, Remarks(property.Getter)));
        string hides = Hides(item, Naming.Member(property.Getter.Member.Name), 0) ? "new " : string.Empty;
        bool getBody = NeedsBody(item, property.Getter);
        bool setBody = property.Setter is not null && NeedsBody(item, property.Setter);
        if (!getBody && !setBody)
        {
            writer.Line($"{hides}{property.Type} {property.Name} {{ get;{(property.Setter is null ? string.Empty : " set;")} }}");
            return;
        }

        if (property.Setter is null)
        {
            writer.Line($"{hides}{property.Type} {property.Name} => {Body(item, property.Getter)};");
            return;
        }

        writer.Open($"{hides}{property.Type} {property.Name}");
        writer.Line(getBody ? $"get => {Body(item, property.Getter)};" : $"get => {Missing(item, property.Getter)};");
        writer.Line(setBody ? $"set => {Body(item, property.Setter)};" : $"set => {Missing(item, property.Setter)};");
        writer.Close();
    }

    private void Method(CodeWriter writer, ClassPlan plan, MemberPlan method)
    {
        UnionClass item = plan.Class;
        writer.Lines(docs.Method(item.Name, method, Remarks(method)));
        string hides = Hides(item, method.CsName, method.Best.Public.Parameters.Count) ? "new " : string.Empty;
        string head = $"{hides}{method.Return.Managed} {method.CsName}({Signature(method, true)})";
        writer.Line(!NeedsBody(item, method) ? head + ";" : method.Rule.Default == "nothing" ? head + " { }" : $"{head} => {Body(item, method)};");
        if (method.Rule.Hot == "true")
        {
            writer.Line();
            writer.Line($"/// <inheritdoc cref=\"{method.CsName}({string.Join(", ", method.Visible.Select(parameter => parameter.Managed!.TrimEnd('?').Replace('<', '{').Replace('>', '}')))})\"/>");
            writer.Line("/// <remarks>Names as UTF-8 (<c>\"name\"u8</c>), so that nothing is converted.</remarks>");
            writer.Line($"{hides}{method.Return.Managed} {method.CsName}({Signature(method, false, parameter => parameter.Form == ParameterForm.String ? "ReadOnlySpan<byte>" : null!)}) =>");
            writer.Line($"    {method.CsName}({string.Join(", ", method.Visible.Select(parameter => parameter.Form == ParameterForm.String ? $"System.Text.Encoding.UTF8.GetString({parameter.Name})" : parameter.Name))});");
        }
    }

    private static string Body(UnionClass item, MemberPlan plan) => plan.Rule.Default ?? (plan.Longer is null ? Missing(item, plan) : CallLonger(plan));

    private static string Missing(UnionClass item, MemberPlan plan) => $"throw NotInThisReleaseException.ForMember(\"{item.Name}.{plan.Member.Name}\", GetType().Name)";

    private string Remarks(MemberPlan plan)
    {
        string releases = ReleaseRanges.Text(union, plan.Member.Bindings.ContainsKey);
        return $"C++: <c>{Docs.Escape(plan.CppDeclaration)}</c>. {releases}.";
    }
}

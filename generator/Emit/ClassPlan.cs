namespace Trt.Generator.Emit;

/// <summary>A class's C# members: properties where C++ has a getter (and a setter), methods else.</summary>
internal sealed class ClassPlan
{
    public ClassPlan(UnionClass item, Codecs codecs)
    {
        Class = item;
        Plans = [.. item.Members.Select(member => new MemberPlan(member, codecs))];
        Dictionary<string, PropertyPlan> properties = new(StringComparer.Ordinal);
        HashSet<MemberPlan> used = [];
        foreach (MemberPlan plan in Plans)
        {
            if (PropertyName(plan) is { } name && !properties.ContainsKey(name))
            {
                properties[name] = new PropertyPlan(name, plan, null);
                used.Add(plan);
            }
        }

        foreach (MemberPlan plan in Plans.Where(plan => plan.Member.Name.StartsWith("set", StringComparison.Ordinal)))
        {
            string name = plan.Member.Name[3..];
            if (properties.TryGetValue(name, out PropertyPlan? property) && property.Setter is null && plan.Parameters is [{ Managed: { } type, Form: ParameterForm.Value or ParameterForm.String or ParameterForm.Object }]
                && type.TrimEnd('?') == property.Getter.Return.Managed.TrimEnd('?') && plan.Return.Form is ReturnForm.Void or ReturnForm.Success)
            {
                properties[name] = property with { Setter = plan };
                used.Add(plan);
            }
        }

        Properties = [.. properties.Values];
        Methods = [.. Plans.Where(plan => !used.Contains(plan))];
        foreach (MemberPlan shorter in Methods)
        {
            // A parameter with a default was added later: the shorter form then means the longer one with the default.
            shorter.Longer = Methods.FirstOrDefault(longer => longer.CsName == shorter.CsName && longer.Visible.Count() > shorter.Visible.Count()
                && longer.Visible.Zip(shorter.Visible).All(pair => pair.First.Managed == pair.Second.Managed)
                && longer.Visible.Skip(shorter.Visible.Count()).All(parameter => InterfaceEmitter.DefaultValue(parameter) is not null));
            if (shorter.Longer is { } found)
            {
                found.HasShorter = true;
            }
        }
    }

    public UnionClass Class { get; }

    public IReadOnlyList<MemberPlan> Plans { get; }

    public IReadOnlyList<PropertyPlan> Properties { get; }

    public IReadOnlyList<MemberPlan> Methods { get; }

    private static string? PropertyName(MemberPlan plan)
    {
        string name = plan.Member.Name;
        if (plan.Parameters.Count > 0 || plan.Return.Form is ReturnForm.Void or ReturnForm.Success or ReturnForm.Lists || plan.Rule.Form == "method")
        {
            return null;
        }

        if (name.Length > 3 && name.StartsWith("get", StringComparison.Ordinal) && char.IsUpper(name[3]))
        {
            return name[3..];
        }

        return (name.Length > 2 && name.StartsWith("is", StringComparison.Ordinal) && char.IsUpper(name[2])) || plan.Rule.Form == "property" ? plan.CsName : null;
    }
}

/// <summary>A getter and perhaps a setter.</summary>
internal sealed record PropertyPlan(string Name, MemberPlan Getter, MemberPlan? Setter)
{
    public string Type => Getter.Return.Managed.TrimEnd('?') + (Getter.Return.Managed.EndsWith('?') || Setter?.Parameters[0].IsNullable == true ? "?" : string.Empty);
}

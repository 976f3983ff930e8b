using System.Text;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>docs/coverage.md: every interface, its members, the releases that have each, and what is left out.</summary>
internal sealed class CoverageEmitter(ApiUnion union, IReadOnlyList<ClassPlan> plans, Annotations annotations)
{
    public string Emit()
    {
        StringBuilder text = new();
        text.Append("# Coverage of the TensorRT API\n\nGenerated. Every class of the public headers, its members in C#, and the releases that have each.\n\n");
        text.Append($"{plans.Count} classes, {plans.Sum(plan => plan.Plans.Count)} methods, {union.Enums.Count} enumerations, {union.Structs.Count} structures.\n\n");
        text.Append("## Releases\n\n| release | header | methods | notes |\n|---|---|---|---|\n");
        foreach (ApiModel model in union.Releases)
        {
            int methods = plans.Sum(plan => plan.Plans.Count(member => member.Member.Bindings.ContainsKey(model)));
            string notes = string.Join(" ", model.Notes.Concat(model.ParserHeader is "tag" or "" ? [] : [$"Parser header: {model.ParserHeader}."]));
            text.Append($"| {ApiUnion.ReleaseName(model)} | {model.Version} | {methods} | {notes.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        text.Append("\n## Left out\n\n| member | reason |\n|---|---|\n");
        foreach ((string member, string reason) in annotations.Left.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append($"| {member} | {reason} |\n");
        }

        foreach ((string member, string reason) in Skipped().Distinct().OrderBy(pair => pair.Member, StringComparer.Ordinal))
        {
            text.Append($"| {member} | {reason} |\n");
        }

        foreach (ClassPlan plan in plans)
        {
            text.Append($"\n## {plan.Class.Name}\n\n`{plan.Class.Cpp}`, {ReleaseRanges.Text(union, plan.Class.Models.ContainsKey)}\n\n");
            if (plan.Plans.Count == 0)
            {
                continue;
            }

            text.Append("| C++ | C# | releases |\n|---|---|---|\n");
            foreach (MemberPlan member in plan.Plans)
            {
                string cs = plan.Properties.FirstOrDefault(property => property.Getter == member || property.Setter == member) is { } property
                    ? property.Name
                    : member.CsName + "(…)";
                text.Append($"| `{member.CppDeclaration}` | {cs} | {ReleaseRanges.Text(union, member.Member.Bindings.ContainsKey)} |\n");
            }
        }

        text.Append("\n## Enumerations\n\n| name | members | releases |\n|---|---|---|\n");
        foreach (UnionEnum item in union.Enums)
        {
            text.Append($"| {item.Name} | {item.Members.Count} | {ReleaseRanges.Text(union, item.Models.ContainsKey)} |\n");
        }

        text.Append("\n## Structures\n\n| name | bytes | releases |\n|---|---|---|\n");
        foreach (UnionStruct item in union.Structs)
        {
            text.Append($"| {item.Name} | {string.Join(", ", item.Layouts.Select(layout => layout.Size).Distinct())} | {ReleaseRanges.Text(union, item.Models.ContainsKey)} |\n");
        }

        return text.ToString();
    }

    private IEnumerable<(string Member, string Reason)> Skipped()
    {
        foreach (ClassPlan plan in plans)
        {
            foreach (ClassModel model in plan.Class.Models.Values)
            {
                foreach (MethodModel method in model.Methods)
                {
                    string name = $"{plan.Class.Name}.{method.Name}";
                    if (method is { Default: "delete", Calls: null })
                    {
                        yield return (name, "an inline delete; Dispose does it");
                    }
                    else if (method.Skip is { } reason)
                    {
                        yield return (name, reason);
                    }
                    else if (method.Access != "public" && !method.IsOverride && method.Linux is not null)
                    {
                        yield return (name, "not public in C++; a C# implementation's slot answers 0");
                    }
                }
            }
        }
    }
}

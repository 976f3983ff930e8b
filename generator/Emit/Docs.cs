using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Trt.Generator.Emit;

/// <summary>Documentation texts from bindings/docs, as XML comments.</summary>
internal sealed class Docs
{
    private readonly Dictionary<string, Dictionary<string, object>> types = new(StringComparer.Ordinal);
    private readonly HashSet<string> missing = new(StringComparer.Ordinal);

    public Docs(string folder)
    {
        IDeserializer yaml = new DeserializerBuilder().Build();
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal).ToArray() : [])
        {
            Dictionary<string, Dictionary<string, object>?> content;
            try
            {
                content = yaml.Deserialize<Dictionary<string, Dictionary<string, object>?>>(File.ReadAllText(file)) ?? [];
            }
            catch (YamlDotNet.Core.YamlException exception)
            {
                throw new EmitException($"{file}:{exception.Start.Line}: {exception.Message}");
            }

            foreach ((string type, Dictionary<string, object>? members) in content)
            {
                Dictionary<string, object> known = types.TryGetValue(type, out Dictionary<string, object>? before) ? before : types[type] = [];
                foreach ((string member, object text) in members ?? [])
                {
                    known[member] = text;
                }
            }
        }
    }

    /// <summary>What has no text of its own.</summary>
    public IReadOnlyCollection<string> Missing => missing;

    public static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    public IEnumerable<string> Type(string name, string cpp, string remarks) =>
        Summary(Text(name, cpp, "_") ?? Note(name, "The C++ type of the same name.")).Append($"/// <remarks>{remarks}</remarks>");

    public IEnumerable<string> Enumerator(string type, string cpp, string name, string remarks) =>
        Summary(Text(type, cpp, name) ?? Note($"{type}.{name}", name)).Concat(remarks.Length == 0 ? [] : [$"/// <remarks>{remarks}</remarks>"]);

    public IEnumerable<string> Field(string type, string cpp, string name) => Summary(Text(type, cpp, name) ?? Note($"{type}.{name}", name));

    public IEnumerable<string> Property(string type, PropertyPlan property, string remarks)
    {
        string cpp = property.Getter.Member.Owner.Cpp;
        string text = Text(type, cpp, property.Getter.Member.Name) ?? Text(type, cpp, property.Setter?.Member.Name ?? string.Empty) ?? Note($"{type}.{property.Getter.Member.Name}", property.Name + ".");
        string more = Part(type, cpp, property.Getter.Member.Name, "remarks") is { } extra ? Format(extra) + " " : string.Empty;
        return Summary(text).Append($"/// <remarks>{more}{remarks}</remarks>").Concat(Exceptions(property.Setter ?? property.Getter));
    }

    public IEnumerable<string> Method(string type, MemberPlan plan, string remarks)
    {
        string cpp = plan.Member.Owner.Cpp;
        string name = plan.Member.Name;
        List<string> lines = [.. Summary(Text(type, cpp, name) ?? Note($"{type}.{name}", plan.CsName + "."))];
        foreach (ParameterPlan parameter in plan.Visible)
        {
            lines.Add($"/// <param name=\"{parameter.Stem}\">{Format(Part(type, cpp, name, parameter.Cpp) ?? Words(parameter))}</param>");
        }

        if (plan.Return.Managed != "void")
        {
            string text = Part(type, cpp, name, "returns") ?? (plan.Return.Form == ReturnForm.Object
                ? plan.Return.IsOwned ? "A new object, to be disposed by the caller." : plan.Return.IsNullable ? "An object that is owned here, or null." : "An object that is owned here."
                : "The library's answer.");
            lines.Add($"/// <returns>{Format(text)}</returns>");
        }

        string more = Part(type, cpp, name, "remarks") is { } extra ? Format(extra) + " " : string.Empty;
        lines.Add($"/// <remarks>{more}{remarks}</remarks>");
        lines.AddRange(Exceptions(plan));
        return lines;
    }

    private static IEnumerable<string> Exceptions(MemberPlan plan)
    {
        if (plan.Return.Fails != "never" && !plan.Member.Owner.IsInterface)
        {
            yield return "/// <exception cref=\"TensorRtException\">The library refused; the message has its reason.</exception>";
        }
    }

    private static IEnumerable<string> Summary(string text) => [$"/// <summary>{Format(text)}</summary>"];

    private static string Words(ParameterPlan parameter) => Regex.Replace(parameter.Stem, "([a-z])([A-Z])", match => match.Groups[1].Value + " " + match.Groups[2].Value.ToLowerInvariant()) + ".";

    private static string Format(string text)
    {
        string one = Regex.Replace(text.Trim(), @"\s+", " ");
        return Regex.Replace(Escape(one), "`([^`]+)`", "<c>$1</c>");
    }

    private string? Text(string type, string cpp, string member) =>
        Entry(type, cpp, member) switch
        {
            null => null,
            string text => text,
            Dictionary<object, object> parts => parts.TryGetValue("_", out object? text) ? (string)text : null,
            object other => other.ToString(),
        };

    private string? Part(string type, string cpp, string member, string part) =>
        Entry(type, cpp, member) is Dictionary<object, object> parts && parts.TryGetValue(part, out object? text) ? text?.ToString() : null;

    private object? Entry(string type, string cpp, string member) =>
        (types.TryGetValue(cpp, out Dictionary<string, object>? members) && members.TryGetValue(member, out object? entry))
        || (types.TryGetValue(type, out members) && members.TryGetValue(member, out entry))
            ? entry
            : null;

    private string Note(string name, string instead)
    {
        missing.Add(name);
        return instead;
    }
}

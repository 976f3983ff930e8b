using System.Text.RegularExpressions;
using YamlDotNet.Serialization;

namespace Trt.Generator.Emit;

/// <summary>What headers do not say, read from annotations.yaml.</summary>
internal sealed class Annotations
{
    private readonly List<(Regex Pattern, Rule Rule)> rules = [];

    /// <summary>Mask alias → enumeration.</summary>
    public required IReadOnlyDictionary<string, string> Masks { get; init; }

    /// <summary>Members that are not exposed, with the reason.</summary>
    public required IReadOnlyDictionary<string, string> Left { get; init; }

    /// <summary>C++ names that are C#'s under another one.</summary>
    public required IReadOnlyDictionary<string, string> Names { get; init; }

    /// <summary>Structs and classes written by hand in Trt.Interop.</summary>
    public required IReadOnlySet<string> HandWritten { get; init; }

    public static Annotations Load(string path)
    {
        File file = new DeserializerBuilder().Build().Deserialize<File>(System.IO.File.ReadAllText(path));
        Annotations made = new()
        {
            Masks = file.masks,
            Left = file.left,
            Names = file.names,
            HandWritten = file.handwritten.ToHashSet(),
        };
        foreach (Dictionary<string, object> item in file.rules)
        {
            Rule rule = new()
            {
                Returns = Text(item, "returns"),
                Fails = Text(item, "fails"),
                Trivial = Text(item, "trivial"),
                Hot = Text(item, "hot"),
                Count = Text(item, "count"),
                Default = Text(item, "default"),
                Failure = Text(item, "failure"),
                Destroys = Text(item, "destroys"),
                Guard = Text(item, "guard"),
                Logged = Text(item, "logged"),
                Form = Text(item, "form"),
                Parameters = item.TryGetValue("params", out object? map)
                    ? ((Dictionary<object, object>)map).ToDictionary(pair => (string)pair.Key, pair => (string)pair.Value)
                    : [],
            };
            object members = item["for"];
            foreach (string member in members is List<object> list ? list.Cast<string>() : [(string)members])
            {
                made.rules.Add((new Regex("^" + Regex.Escape(member).Replace(@"\*", ".*", StringComparison.Ordinal) + "$", RegexOptions.CultureInvariant), rule));
            }
        }

        return made;
    }

    /// <summary>All that is said of a member; what stands later in the file wins.</summary>
    /// <param name="member">Class.method.</param>
    /// <param name="parameters">Number of parameters; <c>Class.method/N</c> speaks of that overload alone.</param>
    public Rule For(string member, int parameters)
    {
        Rule result = new();
        foreach ((Regex pattern, Rule rule) in rules)
        {
            if (pattern.IsMatch(member) || pattern.IsMatch($"{member}/{parameters}"))
            {
                result.Add(rule);
            }
        }

        return result;
    }

    private static string? Text(Dictionary<string, object> item, string key) => item.TryGetValue(key, out object? value) ? (string?)value : null;

    internal sealed class Rule
    {
        public string? Returns { get; set; }

        public string? Fails { get; set; }

        public string? Trivial { get; set; }

        public string? Hot { get; set; }

        public string? Count { get; set; }

        public string? Default { get; set; }

        public string? Failure { get; set; }

        public string? Destroys { get; set; }

        public string? Guard { get; set; }

        public string? Logged { get; set; }

        public string? Form { get; set; }

        public Dictionary<string, string> Parameters { get; init; } = [];

        public void Add(Rule other)
        {
            Returns = other.Returns ?? Returns;
            Fails = other.Fails ?? Fails;
            Trivial = other.Trivial ?? Trivial;
            Hot = other.Hot ?? Hot;
            Count = other.Count ?? Count;
            Default = other.Default ?? Default;
            Failure = other.Failure ?? Failure;
            Destroys = other.Destroys ?? Destroys;
            Guard = other.Guard ?? Guard;
            Logged = other.Logged ?? Logged;
            Form = other.Form ?? Form;
            foreach ((string name, string role) in other.Parameters)
            {
                Parameters[name] = role;
            }
        }
    }

#pragma warning disable IDE1006 // the file's own words
    private sealed class File
    {
        public Dictionary<string, string> masks { get; set; } = [];

        public Dictionary<string, string> left { get; set; } = [];

        public Dictionary<string, string> names { get; set; } = [];

        public List<string> handwritten { get; set; } = [];

        public List<Dictionary<string, object>> rules { get; set; } = [];
    }
#pragma warning restore IDE1006
}

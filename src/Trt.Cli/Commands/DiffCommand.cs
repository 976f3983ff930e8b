using System.CommandLine;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt diff A B</c>: what is not the same in two files of one kind.</summary>
internal static class DiffCommand
{
    public static Command Create(Session session)
    {
        Argument<string> first = new("A") { Description = "An ONNX model, plan, file of weights, calibration cache, or engine cache." };
        Argument<string> second = new("B") { Description = "Another of the same kind." };
        Option<string[]> show = InspectCommand.ShowOption();
        show.Description = "Compares layers of plans too, which a library has to load for it. Of ONNX models nodes, attributes and weights are always compared.";
        Command command = new("diff", "Says what differs between two files: exit code 0 when nothing does, 1 otherwise. Example: trt diff old.onnx new.onnx") { first, second, show, CommonOptions.Library };
        command.SetAction(parsed =>
        {
            List<IDisposable> owned = [];
            try
            {
                Parts parts = InspectCommand.PartsOf(parsed.GetValue(show), parsed.GetValue(CommonOptions.Library));
                Description a = Describe(session, parsed.GetValue(first)!, parts, owned), b = Describe(session, parsed.GetValue(second)!, parts, owned);
                if (a.Kind != b.Kind)
                {
                    throw new UserError($"{a.Path} is of the kind \"{a.Kind}\" and {b.Path} of the kind \"{b.Kind}\": only files of one kind can be compared.");
                }

                List<Difference> differences = [.. Facts(a, b), .. Sections(a, b)];
                Show(session, a, b, differences);
                return differences.Count == 0 ? ExitCode.Success : ExitCode.Failure;
            }
            finally
            {
                owned.ForEach(thing => thing.Dispose());
            }
        });
        return command;
    }

    private static Description Describe(Session session, string path, Parts parts, List<IDisposable> owned) =>
        FileDescription.Of(session, path, File.Exists(path) && ModelLoading.Kind(path) == Lite.Framework.Onnx ? Parts.All : parts, owned);

    private static IEnumerable<Difference> Facts(Description a, Description b)
    {
        Dictionary<string, object?> before = a.Facts.ToDictionary(fact => fact.Name, fact => fact.Value), after = b.Facts.ToDictionary(fact => fact.Name, fact => fact.Value);
        foreach (string name in before.Keys.Union(after.Keys))
        {
            string old = Section.Text(before.GetValueOrDefault(name)), now = Section.Text(after.GetValueOrDefault(name));
            if (old != now)
            {
                yield return new Difference("file", name, old, now);
            }
        }
    }

    private static IEnumerable<Difference> Sections(Description a, Description b)
    {
        foreach (string title in a.Sections.Concat(b.Sections).Select(section => section.Title).Distinct())
        {
            Section? before = a.Sections.Find(section => section.Title == title), after = b.Sections.Find(section => section.Title == title);
            Dictionary<string, string> old = Rows(before), now = Rows(after);
            foreach (string key in old.Keys.Union(now.Keys))
            {
                string? left = old.GetValueOrDefault(key), right = now.GetValueOrDefault(key);
                if (left != right)
                {
                    yield return new Difference(title, key, left ?? "-", right ?? "-");
                }
                else if (a.Values(key) is { } x && b.Values(key) is { } y && Values(x, y) is { } difference)
                {
                    yield return new Difference(title, key, difference.A, difference.B);
                }
            }
        }
    }

    /// <summary>Rows by their first cell; those that share it are counted, so that none is lost.</summary>
    private static Dictionary<string, string> Rows(Section? section)
    {
        Dictionary<string, string> rows = new(StringComparer.Ordinal);
        foreach (object?[] row in section?.Rows ?? [])
        {
            string key = Section.Text(row[0]);
            string unique = key;
            for (int i = 2; !rows.TryAdd(unique, string.Join(' ', row.Skip(1).Select(Section.Text)).Trim()); i++)
            {
                unique = $"{key} ({i})";
            }
        }

        return rows;
    }

    /// <summary>How far tensors of one type and shape are apart; null when they are equal bit by bit.</summary>
    private static (string A, string B)? Values(TorchTensor a, TorchTensor b)
    {
        if (a.ToContiguous().Bytes.SequenceEqual(b.ToContiguous().Bytes))
        {
            return null;
        }

        if (a.DType.IsComplex())
        {
            return ("values", "other values");
        }

        double[] x = a.ConvertTo(TorchDType.Float64, ConversionRule.Lossy).ToArray<double>(), y = b.ConvertTo(TorchDType.Float64, ConversionRule.Lossy).ToArray<double>();
        int changed = 0, worst = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (!x[i].Equals(y[i]))
            {
                changed++;
                worst = worst < 0 || !(Math.Abs(x[i] - y[i]) <= Math.Abs(x[worst] - y[worst])) ? i : worst;
            }
        }

        return changed == 0 ? ("values", "the same, with other signs of 0 or other NaNs") : ($"{Units.Number(x[worst])} at {worst}", $"{Units.Number(y[worst])}, {Units.Count(changed)} of {Units.Count(x.Length)} values differ");
    }

    private static void Show(Session session, Description a, Description b, List<Difference> differences)
    {
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("a", a.Path);
                json.WriteString("b", b.Path);
                json.WriteBoolean("equal", differences.Count == 0);
                json.WriteStartArray("differences");
                foreach (Difference difference in differences)
                {
                    json.WriteStartObject();
                    json.WriteString("section", difference.Section);
                    json.WriteString("name", difference.Name);
                    json.WriteString("a", difference.A);
                    json.WriteString("b", difference.B);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        foreach (IGrouping<string, Difference> section in differences.GroupBy(difference => difference.Section))
        {
            session.Screen.Line(section.Key);
            session.Screen.Table(["name", "A", "B"], section.Select(difference => (IReadOnlyList<string>)[difference.Name, difference.A, difference.B]));
        }

        session.Screen.Line(differences.Count == 0 ? $"{a.Path} and {b.Path} hold the same." : $"{Units.Count(differences.Count)} differences between {a.Path} and {b.Path}");
    }

    private sealed record Difference(string Section, string Name, string A, string B);
}

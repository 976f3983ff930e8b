using System.CommandLine;
using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary><c>trt refit PLAN --weights FILE -o NEW.plan</c>: other weights in a plan without building it anew.</summary>
internal static class RefitCommand
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    public static Command Create(Session session)
    {
        Argument<string?> plan = new("PLAN") { Description = "A plan that was built with --refit (or --strip-weights).", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> load = new("--load-engine", "--loadEngine") { Description = "The plan, as trtexec names it.", HelpName = "PLAN" };
        Option<string?> weights = new("--weights", "--refit-from-onnx", "--refitFromOnnx")
        {
            Description = "Where the weights come from: .pth, .pt, .safetensors, .npz, .wts, or an .onnx model like the one that the plan was built from.",
            HelpName = "FILE",
        };
        Option<string?> output = new("--output", "-o", "--save-engine", "--saveEngine") { Description = "The new plan; may be the old one.", HelpName = "NEW.plan" };
        Option<bool> list = new("--list", "--dump-refit", "--dumpRefit") { Description = "List the weights that can be exchanged, and end." };
        Option<string[]> rename = new("--rename")
        {
            Description = "Changes names of the source before they are looked for in the plan: a regular expression and what takes its place, as in ^model\\.= or ^fc(\\d)=linear$1. Repeatable, done in order.",
            HelpName = "PATTERN=TEXT",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> map = new("--map") { Description = "Single weights: the plan's name and the source's (after --rename). Repeatable.", HelpName = "PLAN=SOURCE", DefaultValueFactory = _ => [] };
        Option<string[]> transpose = new("--transpose") { Description = "Weights (the plan's names) that are matrices the other way round than in the source. Repeatable.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        Option<bool> partial = new("--partial") { Description = "Weights that the source does not have stay as they are, instead of being an error." };
        Option<bool> compatible = new("--version-compatible", "--versionCompatible", "--vc") { Description = "The plan is version-compatible: the code in it may run here." };
        Command command = new("refit", "Exchanges a plan's weights without building it anew. Example: trt refit model.plan --weights tuned.pth -o tuned.plan")
        {
            plan, load, weights, output, list, rename, map, transpose, partial, compatible, CommonOptions.Library,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(plan) ?? parsed.GetValue(load) ?? throw new UserError("No plan is named: trt refit PLAN --weights FILE -o NEW.plan", ExitCode.Usage);
            if (parsed.GetValue(list))
            {
                return List(session, parsed.GetValue(CommonOptions.Library), path, parsed.GetValue(compatible));
            }

            string source = parsed.GetValue(weights) ?? throw new UserError("No weights are named: --weights FILE says where they come from; --list shows which the plan takes.", ExitCode.Usage);
            string target = parsed.GetValue(output) ?? throw new UserError($"No output is named: -o NEW.plan says where the new plan goes (-o {path} replaces the old one).", ExitCode.Usage);
            RefitMapping mapping = new()
            {
                Rename = Named(parsed.GetValue(map)!) is { Count: > 0 } names ? name => names.GetValueOrDefault(name, name) : null,
                Transpose = parsed.GetValue(transpose) is { Length: > 0 } turned ? name => turned.Contains(name) : null,
                AllowPartial = parsed.GetValue(partial),
            };
            return Refit(session, parsed.GetValue(CommonOptions.Library), path, parsed.GetValue(compatible), source, target, mapping, [.. parsed.GetValue(rename)!.Select(Pattern)]);
        });
        return command;
    }

    private static int List(Session session, string? choice, string path, bool allowsHostCode)
    {
        TensorRtLibrary library = Runtimes.For(session, choice, path);
        using ICudaEngine engine = EngineFile.Load(path, library, session.Logger, new EngineLoadOptions { AllowHostCode = allowsHostCode });
        using Refitting refitting = new(engine, library, session.Logger);
        bool tells = library.Supports("IRefitter.getWeightsPrototype");
        (string Name, DataType? Type, long? Count)[] named = [.. refitting.Names.Order(StringComparer.Ordinal).Select(name => Described(refitting, name, tells))];
        (string Layer, WeightsRole Role)[] places = [.. refitting.Places.OrderBy(place => place.Layer, StringComparer.Ordinal).ThenBy(place => place.Role)];
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("plan", path);
                json.WriteStartArray("weights");
                foreach ((string name, DataType? type, long? count) in named)
                {
                    json.WriteStartObject();
                    json.WriteString("name", name);
                    json.WriteString("type", type?.ToString());
                    if (count is { } known)
                    {
                        json.WriteNumber("elements", known);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteStartArray("layers");
                foreach ((string layer, WeightsRole role) in places)
                {
                    json.WriteStartObject();
                    json.WriteString("layer", layer);
                    json.WriteString("role", role.ToString());
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return ExitCode.Success;
        }

        if (named.Length > 0)
        {
            session.Screen.Table(["weights", "type", "#elements"], named.Select(entry => (IReadOnlyList<string>)[entry.Name, entry.Type?.ToString() ?? string.Empty, entry.Count is { } count ? Units.Count(count) : string.Empty]));
        }

        session.Screen.Table(["layer", "role"], places.Select(place => (IReadOnlyList<string>)[place.Layer, place.Role.ToString()]));
        session.Screen.Line($"{named.Length} weights by name, {places.Length} by layer and role");
        return ExitCode.Success;
    }

    private static (string Name, DataType? Type, long? Count) Described(Refitting refitting, string name, bool tells)
    {
        if (!tells)
        {
            return (name, null, null);
        }

        Weights prototype = refitting.Native.GetWeightsPrototype(name);
        return (name, prototype.Type, prototype.Count);
    }

    private static int Refit(Session session, string? choice, string path, bool allowsHostCode, string source, string target, RefitMapping mapping, (Regex Pattern, string Text)[] renames)
    {
        if (!File.Exists(source))
        {
            throw new UserError($"There is no file {source} to take weights from.");
        }

        TensorRtLibrary library = Runtimes.For(session, choice, path);
        EngineFile file = EngineFile.Open(path);
        using ICudaEngine engine = file.Load(library, session.Logger);
        using Refitting refitting = new(engine, library, session.Logger);
        bool isOnnx = ModelLoading.Kind(source) == Lite.Framework.Onnx;
        using WeightsMap? weights = isOnnx ? null : WeightsMap.Open(source);
        bool isMapped = mapping.Rename is not null || mapping.Transpose is not null || renames.Length > 0;
        RefitReport report;
        if (weights is null)
        {
            report = refitting.SetFromOnnx(source, isMapped || mapping.AllowPartial ? mapping with { Rename = OnnxNames(source, mapping.Rename, renames) } : null);
        }
        else
        {
            WeightsMap renamed = renames.Length == 0 ? weights : weights.Rename(name => Renamed(name, renames));
            report = refitting.SetFrom(renamed, mapping);
        }

        int known = Math.Max(refitting.Names.Count, refitting.Places.Count);
        session.Cancellation.ThrowIfCancellationRequested();
        refitting.Apply();

        // What was renamed or left out cannot be taken from that file again without the same words.
        bool isWhole = !isMapped && report.NotFound.Count == 0;
        SourceReport? made = isWhole ? new SourceReport(isOnnx ? "onnx" : "weights", Path.GetFullPath(source), isOnnx ? ModelSource.FromOnnx(source).ComputeHash() : null) : new SourceReport("refit", source, null);
        EngineFile written = EngineFile.Save(engine, target, file.Report is { } before ? before with { Source = made } : null);
        Print(session, path, source, written, report, known);
        return ExitCode.Success;
    }

    private static void Print(Session session, string path, string source, EngineFile written, RefitReport report, int known)
    {
        long bytes = new FileInfo(written.Path).Length;
        if (!session.Json)
        {
            session.Screen.Facts(
                ("plan", path),
                ("weights", source),
                ("exchanged", report.Given.Count == known ? $"all {known}" : $"{report.Given.Count} of {known}"),
                ("as before", Listed(report.NotFound)),
                ("unused", Listed(report.Unused)),
                ("written", $"{written.Path}, {Units.Bytes(bytes)}"));
            return;
        }

        session.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteString("plan", path);
            json.WriteString("weights", source);
            json.WriteString("written", written.Path);
            json.WriteNumber("bytes", bytes);
            foreach ((string name, IReadOnlyList<string> names) in new[] { ("exchanged", report.Given), ("asBefore", report.NotFound), ("unused", report.Unused) })
            {
                json.WriteStartArray(name);
                foreach (string entry in names)
                {
                    json.WriteStringValue(entry);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    /// <summary>From the plan's names to the model's, which the constants of an ONNX model are looked up by.</summary>
    private static Func<string, string?> OnnxNames(string path, Func<string, string?>? mapped, (Regex Pattern, string Text)[] renames)
    {
        using OnnxModel model = OnnxModel.LoadOutline(path);
        Dictionary<string, string> originals = new(StringComparer.Ordinal);
        foreach (string name in model.Initializers.Select(initializer => initializer.Name))
        {
            originals.TryAdd(Renamed(name, renames), name);
        }

        return name => (mapped?.Invoke(name) ?? name) is var wanted ? originals.GetValueOrDefault(wanted, wanted) : null;
    }

    private static string Renamed(string name, (Regex Pattern, string Text)[] renames) => renames.Aggregate(name, (before, rename) => rename.Pattern.Replace(before, rename.Text));

    private static Dictionary<string, string> Named(string[] texts)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            names[equals > 0 ? text[..equals] : throw new UserError($"--map {text}: what is wanted is PLAN=SOURCE, the plan's name and the source's.", ExitCode.Usage)] = text[(equals + 1)..];
        }

        return names;
    }

    private static (Regex Pattern, string Text) Pattern(string text)
    {
        int equals = text.LastIndexOf('=');
        try
        {
            return equals > 0
                ? (new Regex(text[..equals], RegexOptions.CultureInvariant, LongestMatch), text[(equals + 1)..])
                : throw new UserError($"--rename {text}: what is wanted is PATTERN=TEXT, as in ^model\\.= to take a prefix away.", ExitCode.Usage);
        }
        catch (RegexParseException error)
        {
            throw new UserError($"--rename {text}: {error.Message}", ExitCode.Usage);
        }
    }

    private static string? Listed(IReadOnlyList<string> names) => names.Count == 0 ? null : string.Join(", ", names.Take(8)) + (names.Count > 8 ? $" and {names.Count - 8} more" : string.Empty);
}

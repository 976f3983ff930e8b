using System.Text.Json.Nodes;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Cli.Building;

/// <summary>One run of <c>trt build</c>: checks, builds, writes, tells.</summary>
internal sealed class BuildRun
{
    private readonly Session session;
    private readonly TensorRtLibrary library;
    private readonly BuildRequest request;
    private readonly BuildOptions options;
    private readonly EngineBuilder builder;
    private readonly List<string> assumed = [];

    public BuildRun(Session session, TensorRtLibrary library, BuildRequest request, BuildOptions options)
    {
        this.session = session;
        this.library = library;
        this.request = request;
        this.options = WithTargets(options);

        // What it logs comes back as warnings of the report, or in the error; all of it only when asked for.
        builder = new EngineBuilder(library, session.Verbose ? session.Logger : new DelegateLogger((_, _) => { }));
    }

    /// <summary>Says what the library would refuse, and builds nothing.</summary>
    public int Check()
    {
        string[] refusals = [.. Refusals()];
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("library", library.ToString());
                json.WriteStartArray("refused");
                Array.ForEach(refusals, json.WriteStringValue);
                json.WriteEndArray();
                json.WriteStartArray("assumed");
                assumed.ForEach(json.WriteStringValue);
                json.WriteEndArray();
                json.WritePropertyName("options");
                JsonNode.Parse(options.ToJson())!.WriteTo(json);
                json.WriteEndObject();
            });
        }
        else if (refusals.Length == 0)
        {
            TextWrap.Write(session.Output, string.Empty, request.Model is null
                ? $"{library} can be asked for all of these options. What only a model decides is not known: name one to have it tried, too."
                : $"{library} takes {request.Model} and all of these options; nothing was built.", 0);
            assumed.ForEach(text => TextWrap.Write(session.Output, "warning", text, 10));
        }

        return refusals.Length == 0 ? ExitCode.Success : session.Json ? ExitCode.Failure : Refuse(refusals);
    }

    /// <summary>Builds.</summary>
    public int Build()
    {
        string[] refusals = [.. builder.Check(options).Select(Translate)];
        if (refusals.Length > 0)
        {
            return Refuse(refusals);
        }

        ModelSource source = ModelLoading.Source(request.Model!, request.Architecture);
        try
        {
            Tell(request.Plan is { } path && request.RefitFrom is null && !options.KernelText
                ? builder.BuildToFile(source, path, options, session.Progress, session.Cancellation).Report!
                : BuildInMemory(source));
            return ExitCode.Success;
        }
        catch (BuildRefusedException refused)
        {
            return Refuse([.. refused.Reasons.Select(Translate)]);
        }
        finally
        {
            options.Calibration?.Dispose();
        }
    }

    /// <summary>What the library refuses: of the options alone, and when it takes these, of the options with the model.</summary>
    private IEnumerable<string> Refusals()
    {
        IReadOnlyList<string> reasons = builder.Check(options);
        if (reasons.Count == 0 && request.Model is { } model)
        {
            try
            {
                builder.Define(ModelLoading.Source(model, request.Architecture), network => network.NbLayers, options, session.Progress, session.Cancellation);
            }
            catch (BuildRefusedException refused)
            {
                reasons = refused.Reasons;
            }
        }

        return reasons.Select(Translate);
    }

    private BuildReport BuildInMemory(ModelSource source)
    {
        using BuiltEngine built = builder.Build(source, options, session.Progress, session.Cancellation);
        BuildReport report = built.Report;
        if (request.RefitFrom is { } weights)
        {
            using ICudaEngine engine = built.Load(BuildGroup.ReadLoad(request.CommandLine));
            Refitting.Refit(engine, weights);
            report = request.Plan is { } target ? EngineFile.Save(engine, target, report).Report! : report;
        }
        else if (request.Plan is { } path)
        {
            built.Save(path);
            if (built.KernelText is { } text)
            {
                File.WriteAllText(path + ".txt", text);
            }
            else if (options.KernelText)
            {
                assumed.Add($"--dump-kernel-text: {library} gave no text.");
            }
        }

        return report;
    }

    /// <summary>TensorRT-RTX compiles for GPUs that need not be here; where none is, it must be told which. Those that it is made for are taken: GeForce RTX and RTX of Ampere, Ada and Blackwell.</summary>
    private BuildOptions WithTargets(BuildOptions asked)
    {
        if (asked.ComputeCapabilities.Count > 0 || !library.Supports("IBuilderConfig.setComputeCapability") || CudaDriver.IsAvailable(out _))
        {
            return asked;
        }

        ComputeCapability[] targets = [.. new[] { ComputeCapability.SM86, ComputeCapability.SM89, ComputeCapability.SM120 }.Where(target => library.Supports(target))];
        assumed.Add($"There is no GPU here, so that the plan is for RTX GPUs since Ampere: compute capability {OptionValue.Listed([.. targets.Select(Capability)])}. --compute-capabilities names others.");
        return asked with { ComputeCapabilities = targets };
    }

    private static string Capability(ComputeCapability target) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)target / 10}.{(int)target % 10}");

    private string Translate(string sentence) => OptionWords.Translate(sentence, request.CommandLine);

    private int Refuse(IEnumerable<string> reasons)
    {
        foreach (string reason in reasons)
        {
            session.Error.WriteLine($"trt: {reason}");
        }

        return ExitCode.Failure;
    }

    private void Tell(BuildReport report)
    {
        string[] warnings = [.. assumed, .. report.Warnings.Select(Translate)];
        if (session.Json)
        {
            JsonObject document = JsonNode.Parse(report.ToJson())!.AsObject();
            document.Insert(0, "plan", request.Plan);
            document["warnings"] = new JsonArray([.. warnings.Select(warning => (JsonNode)warning)]);
            session.WriteJson(json => document.WriteTo(json));
            return;
        }

        BuildFacts.Write(session, request.Plan, report, warnings);
    }
}

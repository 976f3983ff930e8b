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
        string[] refusals = [.. builder.Check(options).Select(OptionWords.Translate)];
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
                json.WriteRawValue(options.ToJson());
                json.WriteEndObject();
            });
        }
        else if (refusals.Length == 0)
        {
            session.Output.WriteLine($"{library} can be asked for all of these options. What only the model or the machine decides is not known yet.");
        }

        return refusals.Length == 0 ? ExitCode.Success : session.Json ? ExitCode.Failure : Refuse(refusals);
    }

    /// <summary>Builds.</summary>
    public int Build()
    {
        string[] refusals = [.. builder.Check(options).Select(OptionWords.Translate)];
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
            return Refuse([.. refused.Reasons.Select(OptionWords.Translate)]);
        }
        finally
        {
            options.Calibration?.Dispose();
        }
    }

    private BuildReport BuildInMemory(ModelSource source)
    {
        using BuiltEngine built = builder.Build(source, options, session.Progress, session.Cancellation);
        BuildReport report = built.Report;
        if (request.Plan is { } path)
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
        string[] warnings = [.. assumed, .. report.Warnings.Select(OptionWords.Translate)];
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

using System.CommandLine;
using System.Diagnostics;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>trtexec's options about loading and refitting before queries run.</summary>
internal static class LoadingOptions
{
    private const int WarmUps = 2;
    private const int Loads = 20;
    private const int Refits = 10;

    private static readonly Option<bool> TimeDeserialize = InferenceOptions.Flag("--time-deserialize --timeDeserialize", "Time the loading of the plan, and end.");
    private static readonly Option<bool> TimeRefit = InferenceOptions.Flag("--time-refit --timeRefit", "Time refits with the weights of the ONNX model before queries run.");
    private static readonly Option<string?> RefitFromOnnx = InferenceOptions.Of<string?>("--refit-from-onnx --refitFromOnnx", "FILE", "Refit the engine with this ONNX model's weights before queries run.");
    private static readonly Option<bool> PlanVersion = InferenceOptions.Flag("--get-plan-version-only --getPlanVersionOnly", "Print which release made the plan, without loading it, and end.");

    public static IReadOnlyList<Option> All { get; } = [TimeDeserialize, TimeRefit, RefitFromOnnx, PlanVersion];

    /// <summary>Whether only the plan's release is wanted, which needs no library.</summary>
    public static bool WantsPlanVersion(ParseResult parsed) => parsed.GetValue(PlanVersion);

    public static bool WantsLoadingTime(ParseResult parsed) => parsed.GetValue(TimeDeserialize);

    /// <summary>Prints which release made a plan.</summary>
    public static int PrintPlanVersion(Session session, string path)
    {
        PlanHead head = PlanHead.Read(path);
        if (head.Release is not { } release)
        {
            throw new UserError($"{path} is no plan whose release can be told{(head.Problem is { } problem ? $": {problem}" : ".")}");
        }

        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("path", path);
                json.WriteString("producer", head.Producer);
                json.WriteString("release", release.ToString());
                json.WriteEndObject();
            });
        }
        else
        {
            session.Screen.Line($"{path} was made by {head.Producer}");
        }

        return ExitCode.Success;
    }

    /// <summary>Times the loading of the plan as trtexec does: two loads that do not count, the first that does, and twenty more.</summary>
    public static int PrintLoadingTime(Session session, BenchModel model)
    {
        double[] times = new double[1 + Loads];
        for (int i = -WarmUps; i < times.Length; i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            Stopwatch watch = Stopwatch.StartNew();
            ICudaEngine engine = model.Load();
            double time = watch.Elapsed.TotalMilliseconds;
            engine.Dispose();
            if (i >= 0)
            {
                times[i] = time;
            }
        }

        TimeStatistics all = TimeStatistics.Of(times.AsSpan(1), []);
        double rate = model.PlanLength / 1e6 / (all.Mean / 1000);
        if (session.Json)
        {
            session.WriteJson(json =>
            {
                json.WriteStartObject();
                json.WriteString("path", model.Path);
                json.WriteNumber("planBytes", model.PlanLength);
                json.WriteNumber("firstMs", times[0]);
                json.WriteNumber("loads", Loads);
                json.WriteNumber("minMs", all.Min);
                json.WriteNumber("meanMs", all.Mean);
                json.WriteNumber("medianMs", all.Median);
                json.WriteNumber("maxMs", all.Max);
                json.WriteNumber("megabytesPerSecond", rate);
                json.WriteEndObject();
            });
        }
        else
        {
            session.Screen.Facts(
                ("plan", $"{model.Path}, {Units.Bytes(model.PlanLength)}"),
                ("first load", $"{BenchScreen.Time(times[0])} ms"),
                ($"{Loads} more", $"mean {BenchScreen.Time(all.Mean)} ms, least {BenchScreen.Time(all.Min)}, greatest {BenchScreen.Time(all.Max)}"),
                ("rate", FormattableString.Invariant($"{rate:0.0} MB a second")));
        }

        return ExitCode.Success;
    }

    /// <summary>Refits the engine when asked for, and times refits.</summary>
    /// <returns>How long refits took, or null.</returns>
    /// <exception cref="UserError">The engine cannot be refitted, or there is no model with weights.</exception>
    public static TimeStatistics? Refit(Session session, ParseResult parsed, BenchModel model, TensorRtLibrary library, ICudaEngine engine)
    {
        string? source = parsed.GetValue(RefitFromOnnx);
        bool isTimed = parsed.GetValue(TimeRefit);
        if (source is null && !isTimed)
        {
            return null;
        }

        string option = source is null ? "--time-refit" : "--refit-from-onnx";
        source ??= ModelLoading.Kind(model.Path) == Framework.Onnx ? model.Path : throw new UserError("--time-refit needs weights: name the ONNX model with --refit-from-onnx=FILE.", ExitCode.Usage);
        if (!engine.IsRefittable)
        {
            throw new UserError($"{option}: the engine cannot be refitted. Build it with --refit.");
        }

        List<double> times = [];
        for (int i = 0; i < (isTimed ? 1 + Refits : 1); i++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            using Refitting refitting = new(engine, library, session.Logger);
            refitting.SetFromOnnx(source);
            Stopwatch watch = Stopwatch.StartNew();
            refitting.Apply();
            if (i > 0)
            {
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
        }

        return isTimed ? TimeStatistics.Of([.. times], []) : null;
    }
}

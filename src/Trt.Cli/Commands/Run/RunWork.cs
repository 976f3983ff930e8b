using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>One <c>trt run</c>, from the files to the results.</summary>
internal sealed class RunWork(Session session, ParseResult parsed, RunOptions options)
{
    private readonly PictureSettings pictures = PictureGroup.Read(parsed);
    private int? device;

    /// <summary>Runs; what cannot be is found out as early as it can be.</summary>
    /// <returns>The exit code: a failure when a sample could not be used.</returns>
    public int Run()
    {
        _ = ModelLoading.Kind(options.Model);
        IReadOnlyList<InputSource> sources = [.. options.Inputs.SelectMany(InputSource.Of)];
        CheckTargets();
        TensorRtLibrary library = Runtimes.For(session, options.Library, options.Model);
        BuildOptions build = Build(sources);
        using ICudaEngine built = Open(library, build);
        build.Calibration?.Dispose();
        device = build.Device;
        if (BuildGroup.SkipsInference(parsed))
        {
            return ExitCode.Success;
        }

        IReadOnlyList<OutputPlan> plans;
        SampleSet set;
        using (Engine probe = new(built, Base))
        {
            plans = OutputPlan.Decide(probe, options.Outputs, options.Postprocess, options.Labels?.Count ?? 0, options.PictureFolder is not null);
            CheckPlans(plans);
            set = SampleSet.Of(probe, sources, options, pictures);
        }

        using Engine engine = new(built, engineOptions =>
        {
            Base(engineOptions);
            foreach ((string input, Preprocessor preprocessor) in set.Preprocessors)
            {
                engineOptions.Preprocess(input, preprocessor);
            }

            engineOptions.Postprocess("results", plans.Select(plan => plan.Name), Post.FromSample(new ResultMaker(plans, options).Make));
        });
        return Run(library, engine, set, plans);
    }

    private void Base(EngineOptions engineOptions)
    {
        engineOptions.Name = Path.GetFileName(options.Model);
        engineOptions.Profile = options.Profile;
        engineOptions.WarmUp = 0;
        engineOptions.Device = device;
        engineOptions.Logger = session.Logger;
        engineOptions.LoggerSeverity = Severity.Verbose;
    }

    private int Run(TensorRtLibrary library, Engine engine, SampleSet set, IReadOnlyList<OutputPlan> plans)
    {
        OutputPlan? best = plans.Count(plan => plan.HasBest) == 1 ? plans.First(plan => plan.HasBest) : null;
        TrueClasses? truth = best is null ? null : TrueClasses.Find(set.Samples, best.Classes, options.Labels, options.Truth);
        ResultJson document = new(options, library, engine, set, plans);
        ResultTable? table = session.Json ? null : new ResultTable(session.Screen, options, plans, set.Samples, truth is not null);
        PictureFolder? folder = options.PictureFolder is { } path ? new PictureFolder(path, plans) : null;
        ArrayArchive? archive = options.Npz is null ? null : new ArrayArchive(engine.HasBatch || set.Samples.Count > 1);
        if (table is not null)
        {
            Introduce(library, engine, set, plans);
        }

        int done = 0;
        int failed = 0;
        int right = 0;
        Stopwatch clock = Stopwatch.StartNew();
        foreach (SampleResult<OutputResult[]> result in engine.PipelineAsync<object, OutputResult[]>(set.Samples.Select(sample => sample.Value), cancellationToken: session.Cancellation).ToBlockingEnumerable(session.Cancellation))
        {
            Sample sample = set.Samples[(int)result.Index];
            if (!result.TryGet(out OutputResult[]? made))
            {
                failed++;
                string problem = Problem(sample, result.Error!);
                session.Error.WriteLine($"trt: {problem}");
                document.AddError(sample, problem);
                continue;
            }

            if (folder is not null)
            {
                made = [.. made.Select(output => folder.Write(sample, output))];
            }

            done++;
            int? label = truth?.Classes[(int)result.Index];
            right += label is { } wanted && made.First(output => output.Plan == best).Classes is [var first, ..] && first.Index == wanted ? 1 : 0;
            table?.Add(sample, made, label);
            if (archive is not null)
            {
                Array.ForEach(made, archive.Add);
            }

            if (session.Json || options.JsonFile is not null)
            {
                document.Add(sample, [.. made.Select(output => output with { Picture = null, Tensor = options.All ? output.Tensor : null })], label);
            }
        }

        clock.Stop();
        Accuracy? accuracy = truth is null || done == 0 ? null : new Accuracy(right, done, truth.Origin);
        Save(document, archive, accuracy, clock.Elapsed, done);
        if (session.Json)
        {
            session.WriteJson(json => document.Write(json, accuracy, clock.Elapsed));
        }
        else
        {
            Conclude(engine, folder, accuracy, clock.Elapsed, done, failed);
        }

        return failed == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static string Problem(Sample sample, SampleException error)
    {
        string text = (error.InnerException ?? error).Message;
        return text.StartsWith(sample.Name, StringComparison.Ordinal) ? text : $"{sample.Name}: {text}";
    }

    private static string Counted(int count) => $"{Units.Count(count)} {(count == 1 ? "sample" : "samples")}";

    /// <summary>Says what is run, on what, and what was guessed.</summary>
    private void Introduce(TensorRtLibrary library, Engine engine, SampleSet set, IReadOnlyList<OutputPlan> plans)
    {
        List<(string, string?)> facts = [("model", $"{options.Model} on {library}")];
        facts.AddRange(engine.Inputs.Select(input => ("input", (string?)$"{input.Name} {Shapes.Text(input.Shape)}: {set.Origins.GetValueOrDefault(input.Name)}")));
        foreach (OutputPlan plan in plans)
        {
            facts.Add(("output", $"{plan.Name} {Shapes.Text(engine.Outputs.First(output => output.Name == plan.Name).Shape)}: {plan.Describe(options.Top)}"));
        }

        session.Screen.Facts(facts);
        session.Screen.Line();
    }

    private void Conclude(Engine engine, PictureFolder? folder, Accuracy? accuracy, TimeSpan elapsed, int done, int failed)
    {
        session.Screen.Line();
        if (accuracy is not null)
        {
            session.Screen.Line(accuracy.ToString());
        }

        session.Screen.Line(string.Create(CultureInfo.InvariantCulture,
            $"{Counted(done)}{(failed > 0 ? $", {failed} failed" : string.Empty)} in {elapsed.TotalSeconds:0.00} s{(done > 1 ? $", {done / Math.Max(elapsed.TotalSeconds, 1e-9):0} a second in batches of up to {engine.MaxBatch}" : string.Empty)}"));
        foreach (string written in new[] { options.Npz, options.JsonFile }.OfType<string>())
        {
            session.Screen.Line($"written: {written}");
        }

        if (folder is not null)
        {
            session.Screen.Line($"written: {Units.Count(folder.Count)} pictures in {options.PictureFolder}");
        }

        if (session.Verbose)
        {
            session.Error.Write(engine.Report.ToString());
        }
    }

    private void Save(ResultJson document, ArrayArchive? archive, Accuracy? accuracy, TimeSpan elapsed, int done)
    {
        if (archive is not null && done > 0)
        {
            archive.Write(options.Npz!);
        }

        if (options.JsonFile is { } file)
        {
            using FileStream stream = File.Create(file);
            using Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            document.Write(writer, accuracy, elapsed);
        }
    }

    private void CheckTargets()
    {
        foreach (string file in new[] { options.Npz, options.JsonFile }.OfType<string>())
        {
            OutputPath.Check(file, "-o");
        }

        if (options.PictureFolder is { } folder)
        {
            OutputPath.CheckFolder(folder, $"-o {folder}");
        }
    }

    private void CheckPlans(IReadOnlyList<OutputPlan> plans)
    {
        if (plans.Any(plan => plan.Kind == OutputKind.Boxes) && (plans.Count > 2 || plans.Any(plan => plan.Kind != OutputKind.Boxes)))
        {
            throw new UserError($"--postprocess boxes: boxes and scores are in one output or in two, but there are {plans.Count}: name them, as in --outputs boxes,scores --postprocess boxes.");
        }

        if (options.PictureFolder is { } folder && !plans.Any(plan => plan.IsPicture))
        {
            throw new UserError($"-o {folder}: no output is a picture: {string.Join(", ", plans.Select(plan => $"\"{plan.Name}\" is {Units.Shape(plan.SampleShape.ToArray())}"))}. Values go into an .npz file.");
        }

        if (options.Labels is { } labels && plans.FirstOrDefault(plan => plan.Classes > 0 && plan.Classes != labels.Count) is { } other)
        {
            throw new UserError($"--labels has {labels.Count} labels, but output \"{other.Name}\" has {other.Classes} classes: a label for each is wanted, a line each.");
        }
    }

    /// <summary>What the command line says of the build, with shapes that suit the samples.</summary>
    private BuildOptions Build(IReadOnlyList<InputSource> sources)
    {
        BuildOptions build = Calibrated(PrecisionOption.Apply(parsed, BuildGroup.Read(parsed, options.Shapes)));
        return ModelSlots.Of(options.Model, options.Architecture) is { } slots ? new SampleShapes(slots, sources, options, pictures).Apply(build) : build;
    }

    /// <summary>Calibration means INT8 unless another type is named, and what is said of pictures counts for its pictures, too.</summary>
    private BuildOptions Calibrated(BuildOptions build)
    {
        if (build.Calibration is not { } calibration || parsed.GetValue<string?>("--calibrate") is not { } data)
        {
            return build;
        }

        if (Directory.Exists(data) && pictures != new PictureSettings() && ModelSlots.Of(options.Model, options.Architecture) is { } slots)
        {
            CalibrationData set = CalibrationData.Open(data, slots, pictures, null, null, calibration.CacheFile, "--calibrate");
            set.Calibration.Algorithm = calibration.Algorithm;
            calibration.Dispose();
            calibration = set.Calibration;
        }

        return build with
        {
            Calibration = calibration,
            Precision = (build.Precision & (Precision.Int8 | Precision.FP8 | Precision.Best)) == 0 ? build.Precision | Precision.Int8 : build.Precision,
            CacheKey = options.Cache is null ? build.CacheKey : $"{build.CacheKey}calibration {calibration.Algorithm} {CalibrationData.IdentityOf(data)} {pictures.Key()}",
        };
    }

    private ICudaEngine Open(TensorRtLibrary library, BuildOptions build)
    {
        if (options.Cache is not { } folder || ModelLoading.Kind(options.Model) == Framework.Plan)
        {
            return ModelLoading.Open(session, library, options.Model, build, BuildGroup.ReadLoad(parsed), options.Architecture);
        }

        EngineCache cache = new(folder, new EngineCacheOptions { Log = session.Logger.Log });
        return new EngineBuilder(library, session.Logger).GetOrBuild(cache, ModelLoading.Source(options.Model, options.Architecture), build with { ReadBack = false }, session.Progress, session.Cancellation);
    }
}

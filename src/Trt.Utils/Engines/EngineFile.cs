using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A plan in a file, with the JSON beside it that tells what made it.</summary>
/// <remarks>The JSON may be missing: then the plan is loaded as it is. Safe to use from several threads.</remarks>
public sealed class EngineFile
{
    private const long MostReportBytes = 16 << 20;

    private EngineFile(string path, BuildReport? report)
    {
        Path = path;
        Report = report;
    }

    /// <summary>Full path of the plan.</summary>
    public string Path { get; }

    /// <summary>Full path of the JSON beside it.</summary>
    public string ReportPath => Path + ".json";

    /// <summary>What made it; null when there is no JSON.</summary>
    public BuildReport? Report { get; }

    /// <summary>Finds a plan and reads the JSON beside it.</summary>
    /// <param name="path">The plan's file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="EngineFileException">The JSON cannot be read.</exception>
    public static EngineFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new FileNotFoundException($"There is no plan {path}.", path);
        }

        FileInfo json = new(full + ".json");
        if (!json.Exists)
        {
            return new EngineFile(full, null);
        }

        try
        {
            return json.Length <= MostReportBytes
                ? new EngineFile(full, BuildReport.FromJson(File.ReadAllText(json.FullName)))
                : throw new FormatException($"It has {json.Length} bytes, more than any report.");
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new EngineFileException($"{json.FullName} cannot be read, so that nobody knows what made {path}: {error.Message} Remove it to load the plan unchecked, or build it again.", error);
        }
    }

    /// <summary>Makes an engine from a plan's file, after the JSON beside it was compared with plan, library and GPU.</summary>
    /// <param name="path">The plan's file.</param>
    /// <param name="library">The library that is to run it.</param>
    /// <param name="logger">Hears everything; null: warnings and errors go to the console.</param>
    /// <param name="options">How; null: as it is.</param>
    /// <returns>An engine, to be disposed by the caller.</returns>
    /// <exception cref="EngineFileException">The file is no plan, not what the JSON says, or not for this library or GPU.</exception>
    /// <exception cref="TensorRtException">The library refuses the plan; the message has its reason.</exception>
    public static ICudaEngine Load(string path, TensorRtLibrary library, ILogger? logger = null, EngineLoadOptions? options = null) => Open(path).Load(library, logger, options);

    /// <summary>Makes an engine, after the JSON was compared with plan, library and GPU.</summary>
    /// <param name="library">The library that is to run it.</param>
    /// <param name="logger">Hears everything; null: warnings and errors go to the console.</param>
    /// <param name="options">How; null: as it is.</param>
    /// <returns>An engine, to be disposed by the caller.</returns>
    /// <exception cref="EngineFileException">The file is no plan, not what the JSON says, or not for this library or GPU.</exception>
    /// <exception cref="TensorRtException">The library refuses the plan; the message has its reason.</exception>
    public unsafe ICudaEngine Load(TensorRtLibrary library, ILogger? logger = null, EngineLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(library);
        options ??= new EngineLoadOptions();
        using MappedFile file = MappedFile.Open(Path);
        file.Acquire(this);
        try
        {
            if (Report is { } report)
            {
                CheckPlan(report, file, options.VerifyHash);
                CheckLibrary(report, library, options);
            }

            PlanHead head = PlanHead.Read(file.Span(0, Math.Min(file.Length, 1 << 20)), file.Length) with { Path = Path };
            PlanFit? fit = head.Format == PlanFormat.Unknown ? null : head.FitFor(library);
            if (fit is { Verdict: PlanVerdict.Refused })
            {
                throw new EngineFileException(fit.Text);
            }

            try
            {
                return EngineLoader.Load(library, logger ?? EngineBuilder.DefaultLogger, options, (nint)file.At(0), file.Length);
            }
            catch (TensorRtException error) when (fit is { Text.Length: > 0 })
            {
                throw new EngineFileException($"{fit.Text} {library} said: {error.Message}", error);
            }
            catch (TensorRtException error) when (fit is null)
            {
                throw new EngineFileException($"{Path} is no plan. {head.Problem} {library} said: {error.Message}", error);
            }
        }
        finally
        {
            file.Release();
        }
    }

    /// <summary>Writes an engine as a plan with the weights that it has now, such as those of a refit; also where it came from a plan without weights.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="path">The plan's file. It appears whole or not at all, and so does <c>path.json</c>.</param>
    /// <param name="report">What made the engine, to be kept beside the plan with the plan's new length and hash; null: nothing is kept beside it.</param>
    /// <returns>The file.</returns>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    /// <exception cref="IOException">It cannot be written; the message says what to do.</exception>
    public static EngineFile Save(ICudaEngine engine, string path, BuildReport? report = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using IHostMemory plan = Serialize(engine);
        using AtomicFile file = AtomicFile.Create(path);
        using (Stream source = plan.OpenRead())
        {
            byte[] buffer = new byte[1 << 20];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                file.Write(buffer.AsSpan(0, read));
            }
        }

        if (report is null)
        {
            File.Delete(file.Path + ".json");
            file.Commit();
            return new EngineFile(file.Path, null);
        }

        BuildOptions options = BuildJson.ReadOptions((System.Text.Json.Nodes.JsonObject)report.Options.DeepClone()) with { StripPlan = false };
        return Commit(file, report with { PlanBytes = (long)plan.Size, PlanSha256 = BuiltEngine.Sha256(plan.Data, (long)plan.Size), Options = BuildJson.Write(options) });
    }

    /// <summary>The path.</summary>
    public override string ToString() => Path;

    /// <summary>The plan with all weights, which can be exchanged again if they could before.</summary>
    private static IHostMemory Serialize(ICudaEngine engine)
    {
        TensorRtLibrary? library = TensorRtLibrary.Of(engine);
        if (library is not null && !library.Supports("ICudaEngine.createSerializationConfig"))
        {
            return engine.Serialize();
        }

        using ISerializationConfig config = engine.CreateSerializationConfig();
        config.ClearFlag(SerializationFlag.ExcludeWeights);
        if (engine.IsRefittable && library?.Supports(SerializationFlag.IncludeRefit) != false)
        {
            config.SetFlag(SerializationFlag.IncludeRefit);
        }

        return engine.SerializeWithConfig(config);
    }

    /// <summary>Puts a written plan and its report in their places.</summary>
    internal static EngineFile Commit(AtomicFile plan, BuildReport report)
    {
        EngineFile made = new(plan.Path, report);
        using AtomicFile json = AtomicFile.Create(made.ReportPath);
        json.Write(Encoding.UTF8.GetBytes(report.ToJson()));

        // Whoever is killed between two of these steps leaves a plan without JSON, never one with another's.
        File.Delete(made.ReportPath);
        plan.Commit();
        json.Commit();
        return made;
    }

    private unsafe void CheckPlan(BuildReport report, MappedFile file, bool hash)
    {
        if (file.Length != report.PlanBytes)
        {
            throw new EngineFileException($"{Path} has {file.Length} bytes, but {ReportPath} tells of a plan of {report.PlanBytes}. One of them is of another build, or cut off: build it again.");
        }

        if (hash && !BuiltEngine.Sha256((nint)file.At(0), file.Length).Equals(report.PlanSha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new EngineFileException($"{Path} is not the plan that {ReportPath} tells of: their hashes differ. It is damaged or of another build: build it again.");
        }
    }

    private void CheckLibrary(BuildReport report, TensorRtLibrary library, EngineLoadOptions options)
    {
        string maker = $"{report.Library.Release} ({report.Library.Version})";
        BuildOptions made;
        try
        {
            made = BuildJson.ReadOptions((System.Text.Json.Nodes.JsonObject)report.Options.DeepClone());
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new EngineFileException($"{ReportPath} has options that cannot be read: {error.Message} Remove it to load the plan unchecked, or build it again.", error);
        }

        if (Family(report.Library.Flavour) != Family(library.Flavour))
        {
            throw new EngineFileException($"{Path} was built by {maker}, which {library} cannot run. Load {report.Library.Flavour}, or build the engine again with {library}.");
        }

        Version version = Version.TryParse(report.Library.Version, out Version? parsed) ? parsed : new Version(0, 0, 0);
        bool sameRelease = library.Flavour == Flavour.Cpu || ThreeParts(version) == ThreeParts(library.Version);
        if (!sameRelease && !made.VersionCompatible && options.LeanRuntime is null)
        {
            throw new EngineFileException($"{Path} was built by {maker}, but {library} is loaded. Plans are for one release unless they were built with VersionCompatible: build it again with {library}, or load that release.");
        }

        if (report.Gpu is { } gpu && library.Flavour is not (Flavour.Cpu or Flavour.TensorRTRtx)
            && made.HardwareCompatibility is null or HardwareCompatibilityLevel.None && made.RuntimePlatform is null or RuntimePlatform.SameAsBuild
            && CudaDriver.IsAvailable(out _) && Device.Current is { IsHost: false } here && here.Properties.ComputeCapability.ToString() != gpu.ComputeCapability)
        {
            throw new EngineFileException($"{Path} was built on {gpu.Name} (compute capability {gpu.ComputeCapability}), but this is {here.Name} ({here.Properties.ComputeCapability}). "
                + "Build it again here, or build it with HardwareCompatibility.");
        }
    }

    private static Flavour Family(Flavour flavour) => flavour is Flavour.LeanRuntime or Flavour.DispatchRuntime ? Flavour.TensorRT : flavour;

    private static Version ThreeParts(Version version) => new(version.Major, version.Minor, Math.Max(version.Build, 0));
}

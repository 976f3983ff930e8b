using System.Diagnostics;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>What a user is told when a library is missing, a driver too old, a GPU hidden, or a plan not for this place: one clear message each.</summary>
internal sealed class MessagePart(PartContext part)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private Checks Checks => part.Checks;

    private FoundLibrary[] Lean => [.. part.Files.Libraries.Where(library => library.Kind == LibraryKind.Lean)];

    public static void Run(PartContext part)
    {
        MessagePart messages = new(part);
        messages.Libraries();
        messages.Drivers();
        messages.Plans();
    }

    private void Libraries()
    {
        Checks.Refuses<TensorRtNotFoundException>("a library that is not there", () => TensorRt.Load("/no/such/libnvinfer.so.10"), "/no/such/libnvinfer.so.10", "what to do");
        Checks.Refuses<TensorRtNotFoundException>("a folder without libraries", () => TensorRt.Load(Path.GetTempPath()), Path.GetTempPath().TrimEnd('/'), "libnvinfer.so", "what to do");
        Checks.Refuses<TensorRtNotFoundException>("a library that is not TensorRT", () => TensorRt.Load(typeof(MessagePart).Assembly.Location is { Length: > 0 } own ? own : Environment.ProcessPath!), "what to do");
        Checks.That("a library that is cut off", () =>
        {
            string cut = Path.Combine(Directory.CreateTempSubdirectory("trt-cut-").FullName, "libnvinfer_lean.so.8");
            using (FileStream from = File.OpenRead(part.Files.Lean(8)), to = File.Create(cut))
            {
                byte[] start = new byte[1 << 20];
                from.ReadExactly(start);
                to.Write(start);
            }

            string? wrong = Refused<TensorRtNotFoundException>(() => TensorRt.Load(cut), cut, "truncated", "install it again");
            Directory.Delete(Path.GetDirectoryName(cut)!, recursive: true);
            return wrong;
        });
        Checks.That("a library of another kind than was asked for", () => Refused<TensorRtNotFoundException>(() => TensorRt.Load(new TensorRtOptions { LibraryPath = part.Files.Lean(8), Flavour = Flavour.TensorRT }), "it is LeanRuntime 8.6.0", "but TensorRT was asked for"));
        Checks.That("a builder of a lean runtime", () => Refused<NotSupportedException>(() => TensorRt.Load(part.Files.Lean(8)).CreateInferBuilder(Checks.Logger()), "builds nothing", "Load the full library"));
        Checks.That("a member that the release lacks", () =>
        {
            TensorRtLibrary library = TensorRt.Load(part.Files.Lean(8));
            return library.Supports("IRuntime.getEngineValidity") ? "8.6.0 is said to have getEngineValidity" : null;
        });
    }

    private void Drivers()
    {
        Checks.That("no GPU: the driver is there and hides all", () => Words(start => start.Environment["CUDA_VISIBLE_DEVICES"] = string.Empty, CudaDriver.IsAvailable(out _) ? ["CUDA_ERROR_NO_DEVICE", "CUDA_VISIBLE_DEVICES"] : ["Install NVIDIA's driver"], "driver"));
        Checks.That("a driver that is too old", () =>
        {
            using StubDriver driver = new();
            return Words(start =>
            {
                start.Environment["LD_LIBRARY_PATH"] = driver.SearchPath;
                start.Environment["STUB_CUDA_VERSION"] = "11040";
            }, ["driver: CUDA 11.4"], "supports CUDA 11.4 only", "nstall");
        });
        Checks.That("a driver library of another release than the kernel's driver", () =>
        {
            using StubDriver driver = new();
            return Words(start =>
            {
                start.Environment["LD_LIBRARY_PATH"] = driver.SearchPath;
                start.Environment["STUB_CUDA_INIT"] = "803";
            }, ["CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "Reboot after a driver update"], "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "Reboot");
        });
        Checks.That("a driver from before CUDA 11", () =>
        {
            using StubDriver driver = new("extern \"C\" int cuInit(unsigned) { return 0; }");
            return Words(start => start.Environment["LD_LIBRARY_PATH"] = driver.SearchPath, ["lacks cu", "CUDA 11.0 or newer"], "CUDA 11.0 or newer");
        });
    }

    private void Plans()
    {
        foreach (FoundLibrary found in Lean)
        {
            string file = Path.GetFileName(found.Path);
            string PlanFile(string name) => Path.Combine(part.Files.Plans, name + ".plan");
            void Loads(string what, string plan, EngineLoadOptions? options, params string[] words) => Checks.That($"{file}: {what}", () =>
            {
                TensorRtLibrary library = TensorRt.Load(found.Path);
                if (!found.HasRuntime && library.Version.Major < 11)
                {
                    throw new MissingException($"{library} makes no runtime here");
                }

                return Refused<EngineFileException>(() => EngineFile.Load(PlanFile(plan), library, new DelegateLogger((_, _) => { }), options).Dispose(), words);
            });

            string says = found.Major >= 11 ? "takes plans from 10.0 on only" : "version-compatible";
            if (found.Major != 8)
            {
                // 8.6.0's lean runtime runs it, on the GPU that it was built for.
                Loads("an ordinary plan of 8.6.0", "lenet.fp32", null, "was built by TensorRT 8.6.0.12", says);
                Loads("a version-compatible plan without its lean runtime", "lenet.vc_excl", null, "was built by TensorRT 8.6.0.12", found.Major >= 11 ? says : "LoadRuntime(\"libnvinfer_lean.so.8\")");
                Loads("a plan with its lean runtime inside, host code not allowed", "lenet.vc", null, "was built by TensorRT 8.6.0.12", found.Major >= 11 ? says : "EngineHostCodeAllowed");
            }

            Foreign(found, "a plan of the CPU runtime", [.. "TRTCPU\x1a\n"u8, .. new byte[5000]], "CPU runtime");
            Foreign(found, "a model instead of a plan", File.ReadAllBytes(part.Files.Find("lenet.onnx")), "ONNX model");
            Foreign(found, "an empty file", [], "empty");
            Checks.That($"{file}: a plan that is cut off", () => Written(found, File.ReadAllBytes(PlanFile("lenet.vc_excl"))[..100_000], "cut off", "100000"));
            Checks.That($"{file}: a plan for another GPU", () => OtherGpu(found));
            if (found.Major != 8)
            {
                Checks.That($"{file}: the library's own words for an ordinary plan, and ours behind them", () => Raw(found, runtime => runtime.DeserializeCudaEngine(part.Files.Plan("lenet.fp32")).Dispose(), "In other words", "version-compatible", "LoadRuntime"));
                Checks.That($"{file}: the library's own words for host code, and ours behind them", () => Raw(found, runtime => runtime.DeserializeCudaEngine(part.Files.Plan("lenet.vc")).Dispose(), "getEngineHostCodeAllowed", "set IRuntime.EngineHostCodeAllowed"));
            }

            if (found.Major >= 11)
            {
                Checks.That($"{file}: the lean runtime of 8.6.0 is not loaded", () => Raw(found, runtime => runtime.LoadRuntime(part.Files.Lean(8)).Dispose(), "10.0 and later only", "TensorRt.Load"));
            }
        }
    }

    private void Foreign(FoundLibrary found, string what, byte[] plan, params string[] words) => Checks.That($"{Path.GetFileName(found.Path)}: {what}", () => Written(found, plan, words));

    /// <summary>A file of wrong content; refused before the library is asked, or with its words behind.</summary>
    private string? Written(FoundLibrary found, byte[] plan, params string[] words)
    {
        TensorRtLibrary library = TensorRt.Load(found.Path);
        string path = Path.Combine(Directory.CreateTempSubdirectory("trt-plan-").FullName, "model.plan");
        File.WriteAllBytes(path, plan);
        try
        {
            PlanHead head = PlanHead.Read(path);
            if (head.Format == PlanFormat.Unknown && !found.HasRuntime)
            {
                throw new MissingException($"{library} makes no runtime here, and is asked about plans of unknown format");
            }

            return Refused<EngineFileException>(() => EngineFile.Load(path, library, new DelegateLogger((_, _) => { })).Dispose(), words);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    /// <summary>A plan whose head tells of another compute capability than this GPU's: our words, and what the library does.</summary>
    private string? OtherGpu(FoundLibrary found)
    {
        if (!found.HasRuntime || part.Device.IsHost || found.Major >= 11)
        {
            throw new MissingException("there is no GPU to compare with, or no plan for this release");
        }

        TensorRtLibrary library = TensorRt.Load(found.Path);
        byte[] plan = part.Files.Plan("lenet.vc_excl");
        PlanHead head = PlanHead.Read(plan);
        Version has = part.Device.Properties.ComputeCapability;
        if (head.ComputeCapabilities is not [var built] || built != has)
        {
            return $"the head tells {string.Join(", ", head.ComputeCapabilities)}, the GPU is {has}";
        }

        // 32-bit values at bytes 68 and 76 of the engine's block.
        long engine = head.Blocks.First(block => block.Kind == PlanBlockKind.Engine).Offset;
        plan[engine + 68] = 8;
        plan[engine + 76] = 6;
        PlanFit fit = PlanHead.Read(plan).FitFor(library, part.Device);
        Checks.Note($"says: {fit.Text}");
        return fit.Text.Contains("compute capability 8.6", StringComparison.Ordinal) && fit.Text.Contains("uild the model again on that GPU", StringComparison.Ordinal) ? null : "the words lack the capability or what to do";
    }

    private string? Raw(FoundLibrary found, Action<IRuntime> call, params string[] words)
    {
        TensorRtLibrary library = TensorRt.Load(found.Path);
        if (!found.HasRuntime)
        {
            throw new MissingException($"{library} makes no runtime here");
        }

        using IRuntime runtime = library.CreateInferRuntime(new DelegateLogger((_, _) => { }));
        return Refused<TensorRtException>(() => call(runtime), words);
    }

    /// <summary>What a program says that starts with a changed environment.</summary>
    /// <param name="change">Changes it.</param>
    /// <param name="ofDriver">Words of the driver's line.</param>
    /// <param name="ofLibraries">Words of each library's line.</param>
    private string? Words(Action<ProcessStartInfo> change, string[] ofDriver, params string[] ofLibraries)
    {
        ProcessStartInfo start = Verbs.Start(["say-driver", .. Lean.Select(library => library.Path)]);
        change(start);
        (string output, string? end) = Verbs.Wait(start, Limit);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string line in lines)
        {
            Checks.Note(line);
        }

        return end ?? (lines.Length != 1 + Lean.Length ? $"{lines.Length} lines"
            : ofDriver.FirstOrDefault(word => !lines[0].Contains(word, StringComparison.Ordinal)) is { } missing ? $"the driver's line lacks \"{missing}\""
            : lines.Skip(1).FirstOrDefault(line => ofLibraries.Any(word => !line.Contains(word, StringComparison.Ordinal))) is { } wrong ? $"a library's line lacks one of \"{string.Join("\", \"", ofLibraries)}\": {wrong}"
            : null);
    }

    private string? Refused<T>(Action call, params string[] words)
        where T : Exception
    {
        try
        {
            call();
        }
        catch (T exception)
        {
            Checks.Note($"says: {exception.Message.ReplaceLineEndings(" | ")}");
            return words.FirstOrDefault(word => !exception.Message.Contains(word, StringComparison.Ordinal)) is { } missing ? $"the message lacks \"{missing}\"" : null;
        }

        return $"no {typeof(T).Name} was thrown";
    }
}

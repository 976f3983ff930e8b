using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Trt.Interop;
using Trt.Utils.Tests.Weights;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>A plan's file and the JSON beside it: what it tells, that it is checked, and what else is refused.</summary>
[Collection(RtxCollection.Name)]
public sealed class EngineFileTests : IDisposable
{
    private static readonly BuildOptions Options = new() { Refit = RefitKind.All, NamedExtents = new Dictionary<string, ExtentRange> { ["batch"] = new(1, 2, 8) } };

    private readonly ScratchFolder folder = new();
    private readonly TensorRtLibrary library = EngineTestModels.Library();

    private string Plan => Path.Combine(folder.Path, "sub", "m.plan");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Json_tells_what_made_the_plan()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        EngineFile file = Save();

        Assert.Equal([Plan, Plan + ".json"], Directory.EnumerateFiles(Path.GetDirectoryName(Plan)!).Order());
        JsonNode json = JsonNode.Parse(File.ReadAllText(file.ReportPath))!;
        Assert.Equal(new FileInfo(Plan).Length, (long)json["planBytes"]!);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Plan))), (string)json["planSha256"]!);
        Assert.Equal("""{"kind":"network","name":"network","sha256":null}""", json["source"]!.ToJsonString());
        Assert.Equal("""{"namedExtents":{"batch":{"max":8,"min":1,"opt":2}},"refit":"All"}""", json["options"]!.ToJsonString());
        Assert.Equal("Cpu", (string)json["library"]!["flavour"]!);
        Assert.Equal(library.Version.ToString(), (string)json["library"]!["version"]!);
        Assert.Null(json["gpu"]);
        Assert.InRange((DateTimeOffset)json["builtAt"]!, before, DateTimeOffset.UtcNow);
        Assert.Equal("""[{"inputs":{"x":{"min":[1,4],"opt":[2,4],"max":[8,4]}}}]""", json["profiles"]!.ToJsonString());
        Assert.Equal("x", (string)json["inputs"]![0]!["name"]!);
        Assert.Equal("[-1,4]", json["inputs"]![0]!["shape"]!.ToJsonString());
        Assert.Equal("Float", (string)json["outputs"]![0]!["type"]!);
        Assert.Equal(5, (int)json["networkLayers"]!);
        Assert.Equal("engine", (string)json["readBack"]!);
        Assert.Empty(json["warnings"]!.AsArray());
        Assert.Contains(json["times"]!.AsArray(), time => (string)time!["phase"]! == "Building plan" && (double)time["seconds"]! > 0);
    }

    [Fact]
    public void Report_and_options_come_back_from_their_json()
    {
        BuildReport report = Save().Report!;
        BuildReport again = BuildReport.FromJson(report.ToJson());

        Assert.Equal(report.ToJson(), again.ToJson());
        BuildOptions options = BuildOptions.FromJson(again.Options.ToJsonString());
        Assert.Equal(RefitKind.All, options.Refit);
        Assert.Equal(new ExtentRange(1, 2, 8), options.NamedExtents["batch"]);
        Assert.True(options.ReadBack);
        Assert.Empty(options.Profiles);
    }

    [Fact]
    public void Loaded_in_one_call_and_computes()
    {
        Save();

        using ICudaEngine engine = EngineFile.Load(Plan, library, new CollectingLogger());

        float[] x = [1, -1, 0.5f, -2];
        Assert.Equal(EngineTestModels.Expected(x), EngineRun.Run(engine, "x", [1, 4], x, "y"));
    }

    [Fact]
    public void Straight_into_the_file_gives_the_same_as_through_memory()
    {
        EngineFile direct = new EngineBuilder(library, new CollectingLogger()).BuildToFile(ModelSource.FromNetwork(EngineTestModels.Define), Plan, Options);

        byte[] bytes = File.ReadAllBytes(Plan);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), direct.Report!.PlanSha256);
        Assert.Equal(bytes.Length, direct.Report.PlanBytes);
        Assert.Equal("engine", direct.Report.ReadBack);
        Assert.Equal([Plan, Plan + ".json"], Directory.EnumerateFiles(Path.GetDirectoryName(Plan)!).Order());
        using ICudaEngine engine = direct.Load(library, new CollectingLogger());
        Assert.True(engine.IsRefittable);
    }

    [Fact]
    public void Plan_without_json_is_loaded_as_it_is()
    {
        Save();
        File.Delete(Plan + ".json");

        EngineFile file = EngineFile.Open(Plan);
        using ICudaEngine engine = file.Load(library, new CollectingLogger());

        Assert.Null(file.Report);
        Assert.Equal(2, engine.NbIOTensors);
    }

    [Fact]
    public void Damaged_plan_is_refused_by_its_hash()
    {
        Save();
        byte[] bytes = File.ReadAllBytes(Plan);
        bytes[^1] ^= 1;
        File.WriteAllBytes(Plan, bytes);

        AssertRefused("is not the plan that", "their hashes differ");

        // Without the check the library's own words come.
        TensorRtException own = Assert.Throws<TensorRtException>(() => EngineFile.Load(Plan, library, new CollectingLogger(), new EngineLoadOptions { VerifyHash = false }));
        Assert.Contains("checksum", own.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_that_is_cut_off_or_another_is_refused_by_its_length()
    {
        EngineFile file = Save();
        byte[] bytes = File.ReadAllBytes(Plan);
        File.WriteAllBytes(Plan, bytes[..^10]);

        AssertRefused($"has {bytes.Length - 10} bytes", $"tells of a plan of {file.Report!.PlanBytes}");
        File.Delete(Plan + ".json");
        AssertRefused("cut off", "m.plan");
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("[]", "cannot be read")]
    [InlineData("{\"format\":1}", "cannot be read")]
    [InlineData("null", "cannot be read")]
    public void Json_that_is_none_is_refused_with_what_to_do(string json, string words)
    {
        Save();
        File.WriteAllText(Plan + ".json", json);

        AssertRefused(words, "Remove it to load the plan unchecked, or build it again.");
    }

    [Fact]
    public void Plan_of_another_product_is_refused_by_the_json()
    {
        Save();
        string json = File.ReadAllText(Plan + ".json");
        File.WriteAllText(Plan + ".json", json.Replace("\"Cpu\"", "\"TensorRT\"", StringComparison.Ordinal));

        AssertRefused("which CPU runtime", "cannot run. Load TensorRT, or build the engine again with CPU runtime");
    }

    [SkippableFact]
    public void Plan_of_another_release_is_refused_by_the_json_unless_version_compatible()
    {
        TensorRtLibrary rtx = RtxLibrary.LoadGoldenRelease();
        BuildOptions options = new() { ComputeCapabilities = [ComputeCapability.SM86] };
        using BuiltEngine built = new EngineBuilder(rtx, new CollectingLogger()).Build(EngineTestModels.DefineStatic, options);
        built.Save(Plan);
        string json = File.ReadAllText(Plan + ".json");
        File.WriteAllText(Plan + ".json", json.Replace("1.6.1.120", "1.4.0.76", StringComparison.Ordinal));

        EngineFileException other = Assert.Throws<EngineFileException>(() => EngineFile.Load(Plan, rtx, new CollectingLogger()));
        Assert.Contains("(1.4.0.76), but TensorRT-RTX 1.6.1.120 is loaded. Plans are for one release unless they were built with VersionCompatible", other.Message, StringComparison.Ordinal);

        // A plan of RTX is nothing for the CPU runtime, with JSON and without.
        Assert.Contains("which CPU runtime", Assert.Throws<EngineFileException>(() => EngineFile.Load(Plan, library, new CollectingLogger())).Message, StringComparison.Ordinal);
        File.Delete(Plan + ".json");
        Assert.Contains("TensorRT-RTX 1.6.1", Assert.Throws<EngineFileException>(() => EngineFile.Load(Plan, library, new CollectingLogger())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_not_there_and_folder_that_cannot_be_written()
    {
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => EngineFile.Open(Plan));
        Assert.Equal($"There is no plan {Plan}.", missing.Message);

        using BuiltEngine built = new EngineBuilder(library, new CollectingLogger()).Build(EngineTestModels.DefineStatic);
        string blocked = Path.Combine(folder.Write("file", [1]), "m.plan");
        Assert.Contains("cannot be written", Assert.Throws<IOException>(() => built.Save(blocked)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => new EngineBuilder(library, new CollectingLogger()).BuildToFile(ModelSource.FromNetwork(EngineTestModels.DefineStatic), blocked));
    }

    [Fact]
    public void Load_options_reach_the_runtime()
    {
        using BuiltEngine built = new EngineBuilder(library, new CollectingLogger()).Build(EngineTestModels.DefineStatic);
        EngineLoadOptions options = new() { TemporaryDirectory = folder.Path, TempfileControls = [TempfileControlFlag.AllowTemporaryFiles], AllowHostCode = true, MaxThreads = 2 };

        using IRuntime runtime = EngineLoader.CreateRuntime(library, new CollectingLogger(), options);

        Assert.Equal(folder.Path, runtime.TemporaryDirectory);
        Assert.Equal(Mask.Create([TempfileControlFlag.AllowTemporaryFiles]), runtime.TempfileControlFlags);
        Assert.True(runtime.EngineHostCodeAllowed);
        Assert.Equal(2, runtime.MaxThreads);
        Assert.Contains("finds 0 DLA cores", Assert.Throws<TensorRtException>(() => built.Load(new EngineLoadOptions { DLACore = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("loads no other runtime", Assert.Throws<TensorRtException>(() => built.Load(new EngineLoadOptions { LeanRuntime = "x.so" })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public unsafe void Plan_is_read_piece_by_piece_where_a_span_is_too_short(int version)
    {
        using BuiltEngine built = new EngineBuilder(library, new CollectingLogger()).Build(EngineTestModels.DefineStatic);
        PlanReader reader = new(built.Plan.Data, built.Length);
        using IRuntime runtime = library.CreateInferRuntime(new CollectingLogger());

        using ICudaEngine engine = version == 1 ? runtime.DeserializeCudaEngine((IStreamReader)reader) : runtime.DeserializeCudaEngine((IStreamReaderV2)reader);

        Assert.Equal(2, engine.NbIOTensors);
        Assert.Equal(0, reader.Read(new byte[4].AsSpan()));
        Assert.True(reader.Seek(-4, SeekPosition.End));
        Assert.True(reader.Seek(2, SeekPosition.Cur));
        Assert.Equal(2, reader.Read(new byte[4].AsSpan()));
        Assert.False(reader.Seek(1, SeekPosition.End));
        Assert.False(reader.Seek(-1, SeekPosition.Set));
    }

    private EngineFile Save()
    {
        using BuiltEngine built = new EngineBuilder(library, new CollectingLogger()).Build(EngineTestModels.Define, Options);
        return built.Save(Plan);
    }

    private void AssertRefused(params string[] words)
    {
        EngineFileException exception = Assert.Throws<EngineFileException>(() => EngineFile.Load(Plan, library, new CollectingLogger()));
        Assert.All(words, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }
}

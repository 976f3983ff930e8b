using Trt.Cli.Options;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary>All of trtexec's options about builds are listed, taken, and refused by name where the library cannot do them.</summary>
public class TrtexecOptionTests
{
    public static TheoryData<string> Names => [.. TrtexecOptions.All.Select(option => option.Name)];

    public static TheoryData<string> GoneNames => [.. TrtexecOptions.Gone.Select(option => option.Name)];

    [Fact]
    public void Help_lists_every_one_in_80_columns_and_ends_with_examples()
    {
        Ran ran = Ran.Trt("build", "--help");
        Assert.Equal(0, ran.ExitCode);
        HashSet<string> words = [.. ran.Output.Split([' ', ',', '\n', '\r'])];
        Assert.All(TrtexecOptions.All.Select(option => option.Name).Concat(TrtexecOptions.OfPlans), name => Assert.Contains(name, words));
        ran.FitsTheScreen();
        Assert.Contains("Examples:", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_lists_what_the_help_lists()
    {
        string page = File.ReadAllText(Checkout.Path("docs/trt-build.md"));
        Assert.All(BuildGroup.All.SelectMany(option => option.Aliases.Append(option.Name)), name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void On_the_cpu_runtime(string name) => AssertTakenOrRefused(name, "cpu", Library("cpu"));

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void On_TensorRT_RTX(string name) => AssertTakenOrRefused(name, RtxLibrary.Folder, RtxLibrary.Load());

    [Fact]
    public void What_is_refused_is_refused_all_at_once_with_an_answer_each()
    {
        Ran ran = Ran.Trt("build", "--dry-run", "--library=cpu", "--compute-capabilities=8.6", "--setBuildRoute=-a=b", "--excludeLeanRuntime");
        Assert.Equal(ExitCode.Failure, ran.ExitCode);
        string[] lines = ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains("--exclude-lean-runtime: only a version-compatible plan holds a lean runtime. Set --version-compatible too.", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GoneNames))]
    public void What_is_gone_or_elsewhere_is_answered_in_one_line(string name)
    {
        (_, string? value, string answer) = TrtexecOptions.Gone.Single(option => option.Name == name);
        Ran ran = Ran.Trt("build", "m.onnx", value is null ? name : $"{name}={value}");
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        string[] lines = ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith($"trt: {name}", lines[0], StringComparison.Ordinal);
        Assert.Contains(answer, lines[0], StringComparison.Ordinal);
        Assert.Equal("trt: \"trt build --help\" lists what there is.", lines[1].TrimEnd());
    }

    [Theory]
    [InlineData("--avgTiming=zero", "a whole number of 1 or more")]
    [InlineData("--avgTiming=0", "a whole number of 1 or more")]
    [InlineData("--builderOptimizationLevel=6", "a whole number from 0 to 5")]
    [InlineData("--tilingOptimizationLevel=4", "it must be 0, 1, 2 or 3")]
    [InlineData("--maxTactics=-2", "-1 or more")]
    [InlineData("--sparsity=on", "disable, enable or force")]
    [InlineData("--precisionConstraints=always", "none, prefer or obey")]
    [InlineData("--profilingVerbosity=all", "layer_names_only")]
    [InlineData("--hardwareCompatibilityLevel=hopper", "none, ampere+ or sameComputeCapability")]
    [InlineData("--runtimePlatform=Linux", "SameAsBuild or WindowsAMD64")]
    [InlineData("--memPoolSize=heap:3", "workspace")]
    [InlineData("--memPoolSize=workspace:3T", "B, K, M or G")]
    [InlineData("--memPoolSize=workspace", "POOL:SIZE")]
    [InlineData("--minShapes=x:1xax3", "name:1x3x224x224")]
    [InlineData("--optShapes=3", "name:1x3x224x224")]
    [InlineData("--profile=-1", "0 or more")]
    [InlineData("--inputIOFormats=fp33:chw", "fp32")]
    [InlineData("--outputIOFormats=fp32:chw5", "chw4")]
    [InlineData("--layerPrecisions=conv1", "LAYER:TYPE")]
    [InlineData("--layerPrecisions=c*n*:fp16", "more than one *")]
    [InlineData("--layerDeviceTypes=a:CPU", "GPU or DLA")]
    [InlineData("--tacticSources=CUDNN", "+ (on) or - (off)")]
    [InlineData("--tacticSources=+CUFFT", "CUBLAS")]
    [InlineData("--preview=+fast", "aliasedPluginIO1003")]
    [InlineData("--tempfileControls=disk:allow", "in_memory or temporary")]
    [InlineData("--useRuntime=tiny", "full, lean or dispatch")]
    [InlineData("--remoteAutoTuningConfig=host", "protocol://")]
    [InlineData("--compute-capabilities=9", "8.6")]
    [InlineData("--batch=8:4:16", "MIN <= OPT <= MAX")]
    [InlineData("--named-extents=4", "NAME=N")]
    [InlineData("--calibration-shape=224", "3x224x224")]
    public void A_wrong_value_is_told_with_what_is_allowed(string option, string allowed)
    {
        Ran ran = Ran.Trt("build", "m.onnx", option);
        Assert.Equal(ExitCode.Usage, ran.ExitCode);
        string line = ran.Error.Split('\n')[0];
        Assert.Contains(option[..option.IndexOf('=', StringComparison.Ordinal)].TrimStart('-')[..3], line, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(allowed, line, StringComparison.Ordinal);
    }

    /// <summary>Exit code 0 where the release has what the option needs, else a line that names the option.</summary>
    private static void AssertTakenOrRefused(string name, string choice, TensorRtLibrary library)
    {
        (_, string? value, string[] beside, object? needs) = TrtexecOptions.All.Single(option => option.Name == name);
        string file = Path.GetTempFileName();
        try
        {
            string option = value is null ? name : $"{name}={value.Replace(TrtexecOptions.AnyFile, file, StringComparison.Ordinal)}";

            // A dry run reads the model, where one is named; without one it asks about options alone.
            Ran ran = name == "--onnx" ? Ran.Trt("build", "--dry-run", $"--library={choice}", "--onnx=" + ModelFiles.Find("lenet.onnx")) : Ran.Trt(["build", "--dry-run", $"--library={choice}", option, .. beside]);
            if (Can(library, needs))
            {
                Assert.True(ran.ExitCode == 0, ran.Error);
            }
            else
            {
                Assert.True(ran.ExitCode is ExitCode.Failure or ExitCode.Usage, $"{name} was taken by {library}.");
                string[] names = [.. Aliases(name)];
                Assert.Contains(ran.Error.Split('\n'), line => names.Any(alias => line.StartsWith($"trt: {alias}", StringComparison.Ordinal)));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static bool Can(TensorRtLibrary library, object? needs) => needs switch
    {
        null => true,
        TrtexecOptions.Never => false,
        TrtexecOptions.WeakTyping => library.Flavour != Flavour.TensorRTRtx,
        "a device" => Interop.Cuda.Device.All.Count > 0,
        string member => library.Supports(member),
        BuilderFlag flag => library.Supports(flag),
        OnnxParserFlag flag => library.Supports(flag),
        TensorFormat format => library.Supports(format),
        MemoryPoolType pool => library.Supports(pool),
        NetworkDefinitionCreationFlag flag => library.Supports(flag),
        TacticSource source => library.Supports(source),
        PreviewFeature feature => library.Supports(feature),
        HardwareCompatibilityLevel level => library.Supports(level),
        RuntimePlatform platform => library.Supports(platform),
        EngineCapability capability => library.Supports(capability),
        DeviceType device => library.Supports(device),
        _ => throw new ArgumentException($"What is {needs}?", nameof(needs)),
    };

    /// <summary>The names under which the help lists an option.</summary>
    private static IEnumerable<string> Aliases(string name) =>
        Ran.Trt("build", "--help").Output.Split('\n').First(line => line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Contains(name)).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith('-'));

    private static TensorRtLibrary Library(string choice)
    {
        using Session session = new(TextWriter.Null, TextWriter.Null, CancellationToken.None);
        return session.Library(choice);
    }
}

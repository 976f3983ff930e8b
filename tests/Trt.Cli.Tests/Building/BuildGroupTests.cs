using System.CommandLine;
using Trt.Cli.Options;
using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary>What the build options of a command line become.</summary>
public class BuildGroupTests
{
    [Fact]
    public void Shapes_behind_a_profile_are_its_own_and_missing_ones_are_filled_in()
    {
        BuildOptions options = Read("--minShapes=x:1x3,y:scalar", "--optShapes=x:2x3", "--profile=1", "--opt-shapes", "x:8x3");
        Assert.Equal(2, options.Profiles.Count);
        Assert.Equal(new ShapeRange([1, 3], [2, 3], [2, 3]), options.Profiles[0]["x"]);
        Assert.Empty(options.Profiles[0]["y"].Opt);
        Assert.Equal(new ShapeRange(8, 3), options.Profiles[1]["x"]);
        Assert.Equal(new ShapeRange(4, 3), Assert.Single(Read("--shapes=x:4x3").Profiles)["x"]);
    }

    [Fact]
    public void Lists_add_up_sizes_have_units_and_later_rules_come_later()
    {
        BuildOptions options = Read("--layerPrecisions=conv*:fp16,a:b:int8", "--layer-precisions", "'c,d':fp32", "--memPoolSize=workspace:1.5,tacticSharedMem:48K,dlaSRAM:3M", "--plugins=a.so", "--staticPlugins=b.so");
        Assert.Equal([new("conv*", DataType.Half), new("a:b", DataType.Int8), new("c,d", DataType.Float)], options.LayerPrecisions);
        Assert.Equal(1572864, options.Workspace);
        Assert.Equal(49152, options.MemoryPools[MemoryPoolType.TacticSharedMemory]);
        Assert.Equal(2097152, options.MemoryPools[MemoryPoolType.DLAManagedSRAM]);
        Assert.Equal(["a.so", "b.so"], options.PluginLibraries);
    }

    [Fact]
    public void Options_imply_what_trtexec_says_they_do()
    {
        Assert.Equal(RefitKind.Identical, Read("--stripWeights").Refit);
        Assert.Equal(RefitKind.All, Read("--stripWeights", "--refit").Refit);
        Assert.Equal((true, RefitKind.All), (Read("--stripAllWeights").StripPlan, Read("--stripAllWeights").Refit));
        Assert.Equal(Precision.Best, Read("--best", "--fp16").Precision);
        Assert.Equal(EngineCapability.DLAStandalone, Read("--safe", "--useDLACore=0").EngineCapability);
        Assert.Equal(RefitKind.None, Read("--refit=false").Refit);
    }

    private static BuildOptions Read(params string[] arguments)
    {
        Option<string?> shapes = new("--shapes");
        Command command = new("test") { shapes };
        BuildGroup.AddTo(command);
        ParseResult? seen = null;
        BuildOptions? options = null;
        command.SetAction(parsed =>
        {
            seen = parsed;
            options = BuildGroup.Read(parsed, parsed.GetValue(shapes) is { } text ? ShapeText.Parse(text, "--shapes") : null);
        });
        ParseResult result = command.Parse(arguments);
        Assert.Empty(result.Errors);
        result.Invoke(new InvocationConfiguration { Output = TextWriter.Null, Error = TextWriter.Null, EnableDefaultExceptionHandler = false });
        Assert.NotNull(seen);
        return options!;
    }
}

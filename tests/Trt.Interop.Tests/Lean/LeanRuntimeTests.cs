using Trt.Interop.Cuda;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Lean;

/// <summary>NVIDIA's lean runtimes of three majors on any machine: what they are, and what they refuse in which words.</summary>
[Collection(RtxCollection.Name)]
public sealed class LeanRuntimeTests
{
    [SkippableTheory]
    [InlineData(8, "8.6.0", "TensorRT 8.6.0")]
    [InlineData(10, "10.16.1", "TensorRT 10.16")]
    [InlineData(11, "11.4.0", "TensorRT 11.1")]
    public void Version_flavour_and_tables(int major, string version, string release)
    {
        TensorRtLibrary library = LeanLibraries.Load(major);

        Assert.Equal(Flavour.LeanRuntime, library.Flavour);
        Assert.Equal(version, library.Version.ToString(3));
        Assert.Equal(release, library.Release);
        Assert.False(library.HasBuilder);
        Assert.StartsWith($"TensorRT lean runtime {version}", library.ToString(), StringComparison.Ordinal);
        Assert.EndsWith($"libnvinfer_lean.so.{major}", library.Path, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(11)]
    public void Builder_is_refused_with_a_sentence(int major)
    {
        TensorRtLibrary library = LeanLibraries.Load(major);

        NotSupportedException exception = Assert.Throws<NotSupportedException>(() => library.CreateInferBuilder(new CollectingLogger()));

        Assert.Equal($"{library} builds nothing: it runs plans that were built elsewhere. Load the full library to build.", exception.Message);
    }

    [SkippableTheory]
    [InlineData(10)]
    [InlineData(11)]
    public void Runtime_without_a_driver_is_refused_in_the_librarys_words(int major)
    {
        TensorRtLibrary library = LeanLibraries.Load(major);
        SkipWithDriver();
        CollectingLogger logger = new();

        // The factory answers a small number here, which is no object.
        TensorRtException exception = Assert.Throws<TensorRtException>(() => library.CreateInferRuntime(logger));

        string words = logger.Errors.First();
        Assert.StartsWith("createInferRuntime: Error Code 6: API Usage Error", words, StringComparison.Ordinal);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Contains("CUDA", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("createInferRuntime failed", exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Runtime_of_8_is_not_even_asked_for_without_a_driver()
    {
        TensorRtLibrary library = LeanLibraries.Load(8);
        SkipWithDriver();

        // Its factory would end the process.
        TensorRtException exception = Assert.Throws<TensorRtException>(() => library.CreateInferRuntime(new CollectingLogger()));

        Assert.StartsWith($"A runtime of {library} cannot be made without NVIDIA's driver: ", exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Newer_minor_uses_the_newest_tables_of_its_major_and_says_so()
    {
        using FileCopy copy = new(LeanLibraries.PathOf(11));
        List<(Severity Severity, string Text)> log = [];

        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { LibraryPath = copy.Path, Log = (severity, text) => log.Add((severity, text)) });

        (Severity severity, string text) = Assert.Single(log, line => line.Severity == Severity.Warning);
        Assert.StartsWith($"{library} is newer than any known release; the tables of TensorRT 11.1 are used.", text, StringComparison.Ordinal);
        Assert.Equal(Severity.Warning, severity);
    }

    [SkippableTheory]
    [InlineData("IProgressMonitor", false, true)]
    [InlineData("IDebugListener", false, true)]
    [InlineData("IStreamReader", false, true)]
    [InlineData("IPluginV3", false, true)]
    [InlineData("IRuntime.loadRuntime", true, true)]
    [InlineData("IExecutionContext.enqueueV3", true, true)]
    [InlineData("IExecutionContext.enqueueV2", true, false)]
    [InlineData("ICudaEngine.getNbBindings", true, false)]
    [InlineData("INetworkDefinition.addFullyConnected", true, false)]
    [InlineData("INetworkDefinition.addCumulative", false, true)]
    [InlineData("INetworkDefinition.noSuchMethod", false, false)]
    [InlineData("INoSuchClass", false, false)]
    public void Supports_tells_releases_apart(string member, bool in8, bool in10)
    {
        Assert.Equal((in8, in10), (LeanLibraries.Load(8).Supports(member), LeanLibraries.Load(10).Supports(member)));
    }

    [SkippableFact]
    public void Supports_tells_enumerators_apart()
    {
        TensorRtLibrary eight = LeanLibraries.Load(8);
        TensorRtLibrary ten = LeanLibraries.Load(10);
        TensorRtLibrary eleven = LeanLibraries.Load(11);

        Assert.Equal((false, true, true), (eight.Supports(DataType.Int64), ten.Supports(DataType.Int64), eleven.Supports(DataType.Int64)));
        Assert.Equal((false, true, true), (eight.Supports(DataType.BF16), ten.Supports(DataType.BF16), eleven.Supports(DataType.BF16)));
        Assert.Equal((true, true, false), (eight.Supports(BuilderFlag.FP16), ten.Supports(BuilderFlag.FP16), eleven.Supports(BuilderFlag.FP16)));
        Assert.Equal((true, false, false), (eight.Supports(LayerType.FullyConnected), ten.Supports(LayerType.FullyConnected), eleven.Supports(LayerType.FullyConnected)));
    }

    [SkippableFact]
    public void Three_majors_and_RTX_are_loaded_at_once()
    {
        TensorRtLibrary[] libraries = [LeanLibraries.Load(8), LeanLibraries.Load(10), LeanLibraries.Load(11), RtxLibrary.Load()];

        Assert.Equal(4, libraries.Distinct().Count());
        Assert.Equal([8, 10, 11, 1], libraries.Select(library => library.Version.Major));
        Assert.Equal([Flavour.LeanRuntime, Flavour.LeanRuntime, Flavour.LeanRuntime, Flavour.TensorRTRtx], libraries.Select(library => library.Flavour));
        Assert.Equal([false, false, false, true], libraries.Select(library => library.HasBuilder));
    }

    [SkippableTheory]
    [InlineData(10)]
    [InlineData(11)]
    public void Parser_of_a_runtime_is_not_found(int major)
    {
        TensorRtLibrary library = LeanLibraries.Load(major);
        using SmallNetwork small = new(RtxLibrary.Load());

        // The object is of another library; that is said before any file is looked for.
        ArgumentException exception = Assert.Throws<ArgumentException>(() => library.CreateParser(small.Network, new CollectingLogger()));

        Assert.Contains(library.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Contains(small.Library.ToString(), exception.Message, StringComparison.Ordinal);
    }

    private static void SkipWithDriver() => Skip.If(CudaDriver.IsAvailable(out _), "There is an NVIDIA driver here, so nothing is refused for want of one.");
}

using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>The variables that name libraries.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class LoaderVariableTests
{
    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void TRT_LIBRARY_names_a_file_or_a_folder(bool folder)
    {
        string path = folder ? RtxLibrary.Folder : Path.Combine(RtxLibrary.Folder, "libtensorrt_rtx.so.1");
        With("TRT_LIBRARY", path, () =>
        {
            TensorRtLibrary library = TensorRt.Load();
            Assert.Equal(Flavour.TensorRTRtx, library.Flavour);
            Assert.Same(RtxLibrary.Load(), library);
        });
    }

    [SkippableFact]
    public void Path_in_the_options_goes_before_the_variable()
    {
        string lean = LeanLibraries.PathOf(10);
        With("TRT_LIBRARY", RtxLibrary.Folder, () => Assert.Equal(Flavour.LeanRuntime, TensorRt.Load(lean).Flavour));
    }

    [Fact]
    public void TRT_LIBRARY_that_names_nothing_is_an_error_and_nothing_else_is_searched()
    {
        With("TRT_LIBRARY", "/no/such/place", () =>
        {
            TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load());
            Assert.Contains("/no/such/place: there is no such file or folder", exception.Message, StringComparison.Ordinal);
            Assert.Empty(exception.Folders);
        });
    }

    [SkippableFact]
    public void TRT_ONNXPARSER_LIBRARY_names_the_parser()
    {
        string parser = Path.Combine(RtxLibrary.Folder, "libtensorrt_onnxparser_rtx.so.1");
        using FileCopy copy = new(RtxLibrary.Load().Path!);
        TensorRtLibrary library = TensorRt.Load(copy.Path);
        using SmallNetwork small = new(library);
        using INetworkDefinition empty = small.Builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        Assert.Null(library.OnnxParserPath);
        With("TRT_ONNXPARSER_LIBRARY", parser, () => library.CreateParser(empty, new CollectingLogger()).Dispose());
        Assert.Equal(parser, library.OnnxParserPath);
    }

    private static void With(string variable, string value, Action action)
    {
        string? before = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            action();
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, before);
        }
    }
}

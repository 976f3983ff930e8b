using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>What the loader says of files that are not there or are not TensorRT.</summary>
[Collection(RtxCollection.Name)]
public sealed class LoaderErrorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-loader-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Path_that_does_not_exist()
    {
        string path = Path.Combine(folder, "libnvinfer.so.10");

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(path));

        Assert.Contains($"{path}: there is no such file or folder", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["libnvinfer.so.10"], exception.Names);
        AssertRemedy(exception);
    }

    [Fact]
    public void Text_file()
    {
        string path = Write("libnvinfer.so.10", "this is no library\n"u8.ToArray());

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(path));

        Assert.StartsWith($"{path} was found but cannot be used.", exception.Message, StringComparison.Ordinal);
        string found = Assert.Single(exception.Found);
        Assert.StartsWith(path + ": ", found, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains("ELF", found, StringComparison.Ordinal);
        }

        AssertRemedy(exception);
    }

    [SkippableFact]
    public void Truncated_library()
    {
        byte[] head = new byte[4096];
        using (FileStream library = File.OpenRead(LeanLibraries.PathOf(10)))
        {
            library.ReadExactly(head);
        }

        string path = Write("libnvinfer_lean.so.10", head);

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(path));

        Assert.StartsWith(path + ": it is truncated: it has 4096 bytes and needs ", Assert.Single(exception.Found), StringComparison.Ordinal);
        AssertRemedy(exception);
    }

    [SkippableFact]
    public void Another_library()
    {
        string? path = new[] { "/lib/x86_64-linux-gnu/libc.so.6", "/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6" }.FirstOrDefault(File.Exists);
        Skip.If(path is null, "There is no libc.so.6 in the usual places.");

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(path!));

        Assert.Equal([$"{path}: it exports no getInferLibVersion, so it is not TensorRT"], exception.Found);
        AssertRemedy(exception);
    }

    [Fact]
    public void Folder_without_a_library()
    {
        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(folder));

        Assert.StartsWith("TensorRT was not found.", exception.Message, StringComparison.Ordinal);
        Assert.Equal([folder], exception.Folders);
        Assert.Contains("folders searched: " + folder, exception.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            foreach (string name in new[] { "libnvinfer.so.11", "libnvinfer.so.10", "libnvinfer.so.8", "libnvinfer.so", "libtensorrt_rtx.so.1", "libnvinfer_lean.so.10", "libnvinfer_dispatch.so.11" })
            {
                Assert.Contains(name, exception.Names);
            }
        }

        AssertRemedy(exception);
    }

    [Fact]
    public void Folder_with_a_damaged_library_says_what_was_found()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string path = Write("libnvinfer.so.10", "no"u8.ToArray());

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(folder));

        Assert.StartsWith("TensorRT was found but cannot be used.", exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(path + ": ", Assert.Single(exception.Found), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Flavour_that_the_file_is_not()
    {
        string path = LeanLibraries.PathOf(10);
        _ = TensorRt.Load(path);

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(new TensorRtOptions { LibraryPath = path, Flavour = Flavour.TensorRT }));

        Assert.Contains("it is LeanRuntime 10.16.1", Assert.Single(exception.Found), StringComparison.Ordinal);
        Assert.Contains("but TensorRT was asked for", exception.Found[0], StringComparison.Ordinal);
        string folderOfIt = Path.GetDirectoryName(path)!;
        Assert.Throws<TensorRtNotFoundException>(() => TensorRt.Load(new TensorRtOptions { LibraryPath = folderOfIt, Flavour = Flavour.DispatchRuntime }));
    }

    [SkippableFact]
    public void Missing_parser_names_where_it_was_looked_for()
    {
        // A folder that holds the main library and nothing else.
        using FileCopy copy = new(RtxLibrary.Load().Path!);
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { LibraryPath = copy.Path, OnnxParserPath = folder });
        using SmallNetwork small = new(library);

        TensorRtNotFoundException exception = Assert.Throws<TensorRtNotFoundException>(() => library.CreateParser(small.Network, new CollectingLogger()));

        Assert.Contains("nvonnxparser", exception.Message, StringComparison.Ordinal);
        Assert.Contains("names tried: libtensorrt_onnxparser_rtx.so.1", exception.Message, StringComparison.Ordinal);
        Assert.Equal([folder], exception.Folders);
        Assert.Contains("TRT_ONNXPARSER_LIBRARY", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_and_null_paths_are_arguments_errors()
    {
        Assert.Throws<ArgumentNullException>(() => TensorRt.Load((string)null!));
        Assert.Throws<ArgumentException>(() => TensorRt.Load(string.Empty));
        Assert.Throws<ArgumentNullException>(() => TensorRt.Register(null!));
    }

    private static void AssertRemedy(TensorRtNotFoundException exception)
    {
        Assert.Contains("names tried: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("folders searched: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("what to do: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("TRT_LIBRARY", exception.Message, StringComparison.Ordinal);
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}

using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>What the loader would try, told without loading.</summary>
[Collection(EnvironmentCollection.Name)]
public sealed class LoaderSearchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-search-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [SkippableFact]
    public void Folder_gives_its_files_in_the_order_of_trying()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "The names are Linux's.");
        foreach (string name in new[] { "libnvinfer_lean.so.10", "libnvinfer.so.8", "libnvinfer.so.10", "libtensorrt_rtx.so.1", "other.so" })
        {
            File.WriteAllText(Path.Combine(folder, name), "nothing is loaded");
        }

        LibrarySearch all = TensorRt.Search(new TensorRtOptions { LibraryPath = folder });
        LibrarySearch lean = TensorRt.Search(new TensorRtOptions { LibraryPath = folder, Flavour = Flavour.LeanRuntime });

        Assert.Equal((folder, "TensorRtOptions.LibraryPath"), (all.Wanted, all.WantedBy));
        Assert.Equal([folder], all.Folders);
        Assert.Equal(["libnvinfer.so.10", "libnvinfer.so.8", "libtensorrt_rtx.so.1", "libnvinfer_lean.so.10"], all.Candidates.Select(candidate => Path.GetFileName(candidate.Path)));
        Assert.Equal([Flavour.TensorRT, Flavour.TensorRT, Flavour.TensorRTRtx, Flavour.LeanRuntime], all.Candidates.Select(candidate => candidate.Flavour!.Value));
        Assert.Equal("libnvinfer_lean.so.10", Path.GetFileName(Assert.Single(lean.Candidates).Path));
    }

    [Fact]
    public void File_is_the_only_candidate_and_a_missing_one_none()
    {
        string file = Path.Combine(folder, "my.so");
        Assert.Empty(TensorRt.Search(new TensorRtOptions { LibraryPath = file }).Candidates);
        File.WriteAllText(file, "nothing is loaded");

        LibrarySearch search = TensorRt.Search(new TensorRtOptions { LibraryPath = file });

        Assert.Equal(new LibraryCandidate(file, null), Assert.Single(search.Candidates));
        Assert.Equal(["my.so"], search.Names);
        Assert.Empty(search.Folders);
    }

    [Fact]
    public void Variable_is_named()
    {
        string? before = Environment.GetEnvironmentVariable("TRT_LIBRARY");
        try
        {
            Environment.SetEnvironmentVariable("TRT_LIBRARY", folder);
            LibrarySearch search = TensorRt.Search();
            Assert.Equal((folder, "TRT_LIBRARY"), (search.Wanted, search.WantedBy));
            Environment.SetEnvironmentVariable("TRT_LIBRARY", null);
            LibrarySearch usual = TensorRt.Search();
            Assert.Null(usual.Wanted);
            Assert.NotEmpty(usual.Folders);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TRT_LIBRARY", before);
        }
    }
}

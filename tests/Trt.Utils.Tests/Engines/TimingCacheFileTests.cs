using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

[Collection(RtxCollection.Name)]
public sealed class TimingCacheFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly List<string> log = [];
    private readonly TensorRtLibrary library = EngineTestModels.Library();
    private readonly IBuilder builder;
    private readonly IBuilderConfig config;

    public TimingCacheFileTests()
    {
        builder = library.CreateInferBuilder(new CollectingLogger());
        config = builder.CreateBuilderConfig();
    }

    private string FilePath => folder["sub/timing.cache"];

    public void Dispose()
    {
        config.Dispose();
        builder.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_is_saved_is_loaded()
    {
        Save(1, 2);
        Assert.Equal([1, 2], CpuTimingCaches.KeysOf(File.ReadAllBytes(FilePath)));

        using TimingCacheFile again = Load();

        Assert.True(again.WasRead);
        Assert.Same(again.Cache, config.TimingCache);
        Assert.Equal(2, again.Cache.QueryKeys([]));
        Assert.Empty(log);
    }

    [Fact]
    public void No_file_and_an_empty_one_are_empty_caches()
    {
        using (TimingCacheFile none = Load())
        {
            Assert.False(none.WasRead);
            Assert.NotNull(config.TimingCache);
        }

        Directory.CreateDirectory(folder["sub"]);
        File.WriteAllBytes(FilePath, []);
        using TimingCacheFile empty = Load();
        Assert.False(empty.WasRead);
        Assert.Empty(log);
    }

    [Fact]
    public void Saving_adds_to_what_others_saved_meanwhile()
    {
        using TimingCacheFile mine = Load();
        Add(mine, 1);
        Save(2, 3);

        Assert.True(mine.Save());

        Assert.Equal([1, 2, 3], CpuTimingCaches.KeysOf(File.ReadAllBytes(FilePath)));
        Assert.Empty(log);
    }

    [Fact]
    public void File_without_a_description_is_the_library_s_to_judge()
    {
        Directory.CreateDirectory(folder["sub"]);
        File.WriteAllBytes(FilePath, CpuTimingCaches.With(7));

        using TimingCacheFile file = Load();

        Assert.True(file.WasRead);
        Assert.Equal(1, file.Cache.QueryKeys([]));
    }

    [Theory]
    [InlineData("flip", "it is damaged, or another program has changed it")]
    [InlineData("cut", "it is damaged, or another program has changed it")]
    [InlineData("text", "it does not begin like a timing cache of CPU runtime")]
    [InlineData("nvidia", "it is NVIDIA's, and CPU runtime")]
    [InlineData("other library", "it is CPU runtime 9.9.9's, and CPU runtime")]
    [InlineData("other gpu", "its times are of a GPU, and the build is for CPU")]
    public void Foreign_or_damaged_file_is_ignored_with_a_warning_and_kept_aside(string damage, string says)
    {
        Save(1, 2);
        byte[] bytes = File.ReadAllBytes(FilePath);
        string description = File.ReadAllText(FilePath + ".json");
        switch (damage)
        {
            case "flip":
                bytes[20] ^= 1;
                break;
            case "cut":
                bytes = bytes[..40];
                break;
            case "text":
                bytes = "this is no timing cache"u8.ToArray();
                break;
            case "nvidia":
                bytes = [.. "ptrtb\0\0\0"u8, .. bytes];
                break;
            case "other library":
                File.WriteAllText(FilePath + ".json", description.Replace(library.ToString(), "CPU runtime 9.9.9", StringComparison.Ordinal));
                break;
            default:
                File.WriteAllText(FilePath + ".json", description.Replace("\"CPU\"", "\"a GPU\"", StringComparison.Ordinal));
                break;
        }

        File.WriteAllBytes(FilePath, bytes);

        using TimingCacheFile file = Load();

        Assert.False(file.WasRead);
        Assert.Equal(0, file.Cache.QueryKeys([]));
        Assert.StartsWith($"Warning Timing cache: {FilePath} is ignored: {says}", Assert.Single(log), StringComparison.Ordinal);
        Add(file, 5);
        Assert.True(file.Save());
        Assert.Equal([5], CpuTimingCaches.KeysOf(File.ReadAllBytes(FilePath)));
        Assert.Equal(bytes, File.ReadAllBytes(FilePath + ".old"));
        Assert.Equal(2, log.Count);
        log.Clear();
        using TimingCacheFile again = Load();
        Assert.True(again.WasRead);
        Assert.Empty(log);
    }

    [Fact]
    public void Killed_between_description_and_file_loses_nothing()
    {
        Save(1);
        byte[] old = File.ReadAllBytes(FilePath);
        Save(2);
        byte[] recent = File.ReadAllBytes(FilePath);

        File.WriteAllBytes(FilePath, old); // as if the second had not come to renaming its file
        using TimingCacheFile before = Load();
        Assert.True(before.WasRead);
        File.WriteAllBytes(FilePath, recent);
        using TimingCacheFile after = Load();
        Assert.True(after.WasRead);
        Assert.Empty(log);
    }

    [Fact]
    public void Place_that_cannot_be_written_is_a_warning()
    {
        File.WriteAllText(folder["file"], "x");
        using TimingCacheFile file = TimingCacheFile.Load(folder["file/timing.cache"], config, library, log: Log);

        Assert.False(file.Save());

        Assert.StartsWith("Warning Timing cache: It was not saved: ", Assert.Single(log), StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_lose_nothing_of_one_another()
    {
        Child[] children = [.. Enumerable.Range(0, 3).Select(i => Child.Start("timing-cache", FilePath, $"{i * 100}", "10"))];
        foreach (Child child in children)
        {
            (int code, string output) = child.Finish();
            Assert.True(code == 0, output + child.Errors);
            Assert.Empty(output);
            child.Dispose();
        }

        Assert.Equal([.. Enumerable.Range(0, 10), .. Enumerable.Range(100, 10), .. Enumerable.Range(200, 10)], CpuTimingCaches.KeysOf(File.ReadAllBytes(FilePath)));
    }

    [SkippableFact]
    public void TensorRT_RTX_saves_and_says_that_it_cannot_read_without_a_GPU()
    {
        TensorRtLibrary rtx = RtxLibrary.Load();
        Skip.If(CudaDriver.IsAvailable(out _), "There is a GPU here, so nothing is refused for want of one.");
        byte[]? first = null;
        for (int round = 0; round < 2; round++)
        {
            TimingCacheFile? used = null;
            TinyNetwork.Build(rtx, settings => used = TimingCacheFile.Load(FilePath, settings, rtx, log: Log));
            using (used)
            {
                Assert.False(used!.WasRead);
                Assert.Equal(round == 0, used.Save());
            }

            byte[] bytes = File.ReadAllBytes(FilePath);
            Assert.True(bytes.AsSpan().StartsWith("ptrt"u8));
            first ??= bytes;
            Assert.Equal(first, bytes);
        }

        Assert.All(log, line => Assert.Contains($"{rtx} reads timing caches only where there is a GPU", line, StringComparison.Ordinal));
        log.Clear();
        using TimingCacheFile cpu = Load();
        Assert.Contains("it is NVIDIA's, and CPU runtime", Assert.Single(log), StringComparison.Ordinal);
    }

    private TimingCacheFile Load() => TimingCacheFile.Load(FilePath, config, library, log: Log);

    private void Save(params ReadOnlySpan<int> keys)
    {
        using TimingCacheFile file = Load();
        Add(file, keys);
        Assert.True(file.Save());
    }

    private void Add(TimingCacheFile file, params ReadOnlySpan<int> keys)
    {
        using ITimingCache more = config.CreateTimingCache(CpuTimingCaches.With(keys));
        file.Cache.Combine(more, ignoreMismatch: false);
    }

    private void Log(Severity severity, string text) => log.Add($"{severity} {text}");
}

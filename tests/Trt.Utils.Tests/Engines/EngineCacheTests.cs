using System.Text.Json.Nodes;
using Trt.Interop;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

public sealed class EngineCacheTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly List<string> log = [];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Builds_once_and_finds_from_then_on()
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");
        Assert.Null(cache.TryGet(key));
        byte[] plan = MadePlans.Of("a", 100_000);

        using (CachedPlan built = cache.GetOrBuild(key, stream => stream.Write(plan)))
        {
            Assert.False(built.WasCached);
            Assert.True(built.Span.SequenceEqual(plan));
            Assert.Equal(Path.Combine(cache.Folder, key.Id + ".plan"), built.Path);
        }

        using (CachedPlan found = cache.GetOrBuild(key, Never))
        {
            Assert.True(found.WasCached);
            Assert.True(found.Span.SequenceEqual(plan));
            using MemoryStream copy = new();
            using Stream source = found.OpenRead();
            source.CopyTo(copy);
            Assert.Equal(plan, copy.ToArray());
        }

        using CachedPlan? other = Cache().TryGet(key);
        Assert.NotNull(other);
        Assert.Equal((1, 1, 0), (cache.Hits, cache.Misses, cache.Rebuilds));
        Assert.Equal([key.Id + ".json", key.Id + ".plan"], folder.Files);
    }

    [Fact]
    public void Key_changes_with_each_part_and_with_no_name()
    {
        EngineCacheKey key = new("m", "o", "l", "g");
        EngineCacheKey[] others = [new("m2", "o", "l", "g"), new("m", "o2", "l", "g"), new("m", "o", "l2", "g"), new("m", "o", "l", "g2"), new("mo", "", "l", "g"), new("m", "ol", "l", "g")];
        Assert.Equal(7, others.Append(key).Select(one => one.Id).Distinct().Count());
        Assert.Equal(key, new EngineCacheKey("m", "o", "l", "g") { Name = "n" });
        Assert.Matches("^[0-9a-f]{64}$", key.Id);
    }

    [SkippableFact]
    public void Key_of_a_library_names_its_version_and_GPU()
    {
        EngineCacheKey cpu = EngineCacheKey.For("m", "o", TinyNetwork.Cpu());
        Assert.Equal("CPU runtime 0.1.0", cpu.Library);
        Assert.Equal("CPU", cpu.Gpu);
        TensorRtLibrary rtx = RtxLibrary.Load();
        EngineCacheKey other = EngineCacheKey.For("m", "o", rtx);
        Assert.Equal($"TensorRT-RTX {rtx.Version}", other.Library);
        Assert.NotEqual(cpu.Id, other.Id);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "flip", "its plan's checksum is wrong" },
        { "cut", "its plan has 4096 bytes, and its description says 100000" },
        { "empty plan", "its plan has 0 bytes, and its description says 100000" },
        { "no plan", "its plan is missing" },
        { "no description", "its description is missing, as after a build that was killed" },
        { "cut description", "its description cannot be read (" },
        { "null description", "its description is damaged" },
        { "empty description", "its description cannot be read (" },
        { "other form", "its description has form 7, and 1 is known" },
        { "other key", "its description is another engine's" },
        { "other plan", "its plan's checksum is wrong" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_entry_is_built_again_with_the_reason_in_the_log(string damage, string reason)
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");
        byte[] plan = MadePlans.Of("a", 100_000);
        cache.GetOrBuild(key, stream => stream.Write(plan)).Dispose();
        Damage(damage, folder[key.Id + ".plan"], folder[key.Id + ".json"]);
        Assert.Null(cache.TryGet(key));
        log.Clear();

        using (CachedPlan again = cache.GetOrBuild(key, stream => stream.Write(plan)))
        {
            Assert.False(again.WasCached);
            Assert.True(again.Span.SequenceEqual(plan));
        }

        Assert.Equal((0, 2, 1), (cache.Hits, cache.Misses, cache.Rebuilds));
        string line = Assert.Single(log, line => line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.StartsWith($"Warning Engine cache: a for TensorRT 10.16.1.11 ({key.Id[..12]}) is built again: {reason}", line, StringComparison.Ordinal);
        using CachedPlan? found = cache.TryGet(key);
        Assert.NotNull(found);
    }

    [Fact]
    public void Failed_build_leaves_nothing_and_comes_out()
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");

        Assert.Throws<TensorRtException>(() => cache.GetOrBuild(key, stream =>
        {
            stream.Write(new byte[100]);
            throw new TensorRtException("no");
        }));
        Assert.Throws<FileNotFoundException>(() => cache.GetOrBuild(key, stream => throw new FileNotFoundException("the model")));
        InvalidOperationException empty = Assert.Throws<InvalidOperationException>(() => cache.GetOrBuild(key, stream => { }));
        Assert.Contains("empty plan", empty.Message, StringComparison.Ordinal);

        Assert.Empty(folder.Files);
        cache.GetOrBuild(key, stream => stream.WriteByte(1)).Dispose();
        Assert.Equal((0, 4, 0), (cache.Hits, cache.Misses, cache.Rebuilds));
    }

    [Fact]
    public void Failed_build_keeps_the_old_entry_of_a_rebuild_out()
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");
        cache.GetOrBuild(key, stream => stream.Write(MadePlans.Of("a", 100_000))).Dispose();
        Damage("flip", folder[key.Id + ".plan"], folder[key.Id + ".json"]);

        Assert.Throws<TensorRtException>(() => cache.GetOrBuild(key, stream => throw new TensorRtException("no")));

        Assert.Null(cache.TryGet(key));
    }

    [Fact]
    public async Task Many_threads_and_tasks_share_one_build()
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");
        TensorRtLibrary library = EngineTestModels.Library();
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        int builds = 0;
        Task<CachedPlan>[] all =
        [
            .. Enumerable.Range(0, 8).Select(i => i % 2 == 0
                ? Task.Run(() => cache.GetOrBuild(key, Build))
                : Task.Run(() => cache.GetOrBuildAsync(key, async token =>
                {
                    await Task.Yield();
                    return Build();
                }))),
        ];

        CachedPlan[] plans = await Task.WhenAll(all);

        Assert.Equal(1, builds);
        Assert.Equal((7, 1), (cache.Hits, cache.Misses));
        Assert.All(plans, plan => Assert.Equal(PlanFormat.Cpu, plan.Head.Format));
        Array.ForEach(plans, plan => plan.Dispose());
        Assert.Throws<ObjectDisposedException>(() => plans[0].Span.Length);

        IHostMemory Build()
        {
            Interlocked.Increment(ref builds);
            using INetworkDefinition network = builder.CreateNetworkV2(TestTarget.NetworkFlags(library));
            network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [1, 3, 8, 8]), ActivationType.Relu).GetOutput(0));
            using IBuilderConfig config = builder.CreateBuilderConfig();
            return builder.BuildSerializedNetwork(network, config);
        }
    }

    [Fact]
    public async Task Waiting_is_cancelled()
    {
        EngineCache cache = Cache();
        EngineCacheKey key = MadePlans.Key("a");
        using FileLock held = FileLock.Acquire(Path.Combine(cache.Folder, "locks", key.Id + ".lock"));
        using CancellationTokenSource stop = new();
        EngineCache impatient = new(folder.Path, new EngineCacheOptions { Log = (_, text) => stop.Cancel() });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.GetOrBuildAsync(key, _ => throw new InvalidOperationException(), stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => impatient.GetOrBuild(key, Never, stop.Token));
    }

    [Fact]
    public void Engine_that_the_runtime_refuses_is_built_again()
    {
        TensorRtLibrary library = EngineTestModels.Library();
        EngineCache cache = Cache();
        EngineCacheKey key = EngineCacheKey.For("tiny", "{}", library);
        cache.GetOrBuild(key, stream => stream.Write("no plan of any runtime"u8)).Dispose();
        using IRuntime runtime = library.CreateInferRuntime(new CollectingLogger());
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());

        using (ICudaEngine engine = cache.GetOrBuildEngine(key, runtime, () => Build("y")))
        {
            Assert.Equal("y", engine.GetIOTensorName(1));
        }

        using (ICudaEngine engine = cache.GetOrBuildEngine(key, runtime, () => Build("z")))
        {
            Assert.Equal("y", engine.GetIOTensorName(1));
        }

        Assert.Equal((2, 2, 1), (cache.Hits, cache.Misses, cache.Rebuilds));
        Assert.Contains(log, line => line.Contains("is built again, since the runtime refuses it: ", StringComparison.Ordinal));

        IHostMemory Build(string output)
        {
            using INetworkDefinition network = builder.CreateNetworkV2(TestTarget.NetworkFlags(library));
            ITensor y = network.AddActivation(network.AddInput("x", DataType.Float, [1, 3, 8, 8]), ActivationType.Relu).GetOutput(0);
            y.Name = output;
            network.MarkOutput(y);
            using IBuilderConfig config = builder.CreateBuilderConfig();
            return builder.BuildSerializedNetwork(network, config);
        }
    }

    [Fact]
    public void Entries_tell_what_is_there_and_go_by_last_use()
    {
        EngineCache cache = Cache();
        Assert.Empty(cache.Entries);
        foreach (string name in new[] { "a", "b", "c" })
        {
            cache.GetOrBuild(MadePlans.Key(name), stream => stream.Write(MadePlans.Of(name, 1000))).Dispose();
        }

        Age("a", 3);
        Age("b", 2);
        Age("c", 1);
        cache.GetOrBuild(MadePlans.Key("a"), Never).Dispose();
        File.WriteAllText(folder["notes.plan"], "not ours");
        File.Delete(folder[MadePlans.Key("b").Id + ".json"]);

        IReadOnlyList<EngineCacheEntry> entries = cache.Entries;

        Assert.Equal(["a", null, "c"], entries.OrderBy(entry => entry.Key?.Name ?? "b", StringComparer.Ordinal).Select(entry => entry.Key?.Name));
        EngineCacheEntry a = entries.Single(entry => entry.Key?.Name == "a");
        Assert.Equal(MadePlans.Key("a"), a.Key);
        Assert.Equal(1000, a.Length);
        Assert.Null(a.Problem);
        Assert.True(DateTimeOffset.UtcNow - a.LastUsed < TimeSpan.FromMinutes(1));
        Assert.InRange(a.BuildTime!.Value.TotalSeconds, 0, 60);
        Assert.Equal("its description is missing, as after a build that was killed", entries.Single(entry => entry.Key is null).Problem);

        // Room for one: what was used last stays.
        Assert.Equal(2, cache.Trim(1000));
        Assert.Equal("a", Assert.Single(cache.Entries).Key!.Name);
        Assert.True(cache.Remove(MadePlans.Key("a")));
        Assert.False(cache.Remove(MadePlans.Key("a")));
        Assert.Equal(["notes.plan"], folder.Files);
    }

    [Fact]
    public void Limit_of_size_evicts_what_was_not_used_longest_but_nothing_in_use()
    {
        EngineCache cache = new(folder.Path, new EngineCacheOptions { MaxBytes = 2500 });
        foreach (string name in new[] { "a", "b" })
        {
            cache.GetOrBuild(MadePlans.Key(name), stream => stream.Write(MadePlans.Of(name, 1000))).Dispose();
        }

        Age("a", 1);
        Age("b", 2);
        cache.GetOrBuild(MadePlans.Key("c"), stream => stream.Write(MadePlans.Of("c", 1000))).Dispose();
        Assert.Equal(["a", "c"], cache.Entries.Select(entry => entry.Key!.Name).Order());

        using CachedPlan? held = cache.TryGet(MadePlans.Key("a"));
        Assert.Equal(2, cache.Clear());
        Assert.Empty(cache.Entries);
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(held!.Span.SequenceEqual(MadePlans.Of("a", 1000)));
        }

        // One that is larger than the limit is kept until the next.
        cache.GetOrBuild(MadePlans.Key("large"), stream => stream.Write(MadePlans.Of("large", 10_000))).Dispose();
        Assert.Single(cache.Entries);

        using FileLock building = FileLock.Acquire(Path.Combine(folder.Path, "locks", MadePlans.Key("large").Id + ".lock"));
        Assert.Equal(0, cache.Clear());
    }

    [Fact]
    public void Place_that_cannot_be_written_is_an_error_before_the_build_or_a_warning()
    {
        File.WriteAllText(folder["file"], "x");
        EngineCache strict = new(folder["file/cache"]);
        IOException error = Assert.Throws<IOException>(() => strict.GetOrBuild(MadePlans.Key("a"), Never));
        Assert.Contains(" cannot be written: ", error.Message, StringComparison.Ordinal);

        EngineCache lenient = new(folder["file/cache"], new EngineCacheOptions { BuildWhenUnwritable = true, Log = Log });
        using CachedPlan plan = lenient.GetOrBuild(MadePlans.Key("a"), stream => stream.Write("plan"u8));
        Assert.Equal("plan"u8.ToArray(), plan.Span.ToArray());
        Assert.Null(plan.Path);
        Assert.False(plan.WasCached);
        Assert.Equal((0, 1), (lenient.Hits, lenient.Misses));
        Assert.Contains("is built without being kept: ", Assert.Single(log), StringComparison.Ordinal);
    }

    private static void Damage(string damage, string plan, string description)
    {
        switch (damage)
        {
            case "flip":
                byte[] bytes = File.ReadAllBytes(plan);
                bytes[^1] ^= 1;
                File.WriteAllBytes(plan, bytes);
                break;
            case "cut":
                File.WriteAllBytes(plan, File.ReadAllBytes(plan)[..4096]);
                break;
            case "empty plan":
                File.WriteAllBytes(plan, []);
                break;
            case "no plan":
                File.Delete(plan);
                break;
            case "no description":
                File.Delete(description);
                break;
            case "cut description":
                File.WriteAllText(description, File.ReadAllText(description)[..50]);
                break;
            case "null description":
                File.WriteAllText(description, "null");
                break;
            case "empty description":
                File.WriteAllText(description, "{}");
                break;
            case "other form":
                Edit(json => json["form"] = 7);
                break;
            case "other key":
                Edit(json => json["gpu"] = "another GPU");
                break;
            case "other plan":
                File.WriteAllBytes(plan, MadePlans.Of("another", 100_000));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage), damage);
        }

        void Edit(Action<JsonNode> edit)
        {
            JsonNode json = JsonNode.Parse(File.ReadAllText(description))!;
            edit(json);
            File.WriteAllText(description, json.ToJsonString());
        }
    }

    private EngineCache Cache() => new(folder.Path, new EngineCacheOptions { Log = Log });

    private void Log(Severity severity, string text)
    {
        lock (log)
        {
            log.Add($"{severity} {text}");
        }
    }

    private void Age(string name, int hours) => File.SetLastWriteTimeUtc(folder[MadePlans.Key(name).Id + ".json"], DateTime.UtcNow - TimeSpan.FromHours(hours));

    private static void Never(Stream stream) => throw new InvalidOperationException("This must not be built.");
}

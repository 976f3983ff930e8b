using System.Text.Json;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>The registries of process, builders and runtimes, with what NVIDIA's were seen to answer.</summary>
public sealed class PluginRegistryTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CreatorsAreFoundAsInNvidiasRegistry(bool direct)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Checkout.Path("tests", "goldens", "callbacks_rtx-1.6.1_nogpu.json")));
        JsonElement golden = json.RootElement.GetProperty("scenarios").EnumerateArray().First(one => one.GetProperty("scenario").GetString() == "plugin_registry").GetProperty("facts");
        using PluginRig rig = new(direct);
        IPluginRegistry registry = rig.Runtime().PluginRegistry;
        ErrorRecorder recorder = new();
        registry.ErrorRecorder = recorder;
        NamedCreator plain = new("Twice", string.Empty);
        NamedCreator mine = new("Twice", "mine");
        NamedCreator other = new("Thrice", "other");

        Assert.Equal(golden.GetProperty("register").GetBoolean(), registry.RegisterCreator(plain, string.Empty));
        Assert.Equal(golden.GetProperty("register_again")[0].GetBoolean(), registry.RegisterCreator(plain, string.Empty));
        Assert.Equal(golden.GetProperty("register_argument_namespace_only").GetBoolean(), registry.RegisterCreator(plain, "mine"));
        Assert.Equal(golden.GetProperty("register_own_namespace_mine").GetProperty("argument_mine").GetBoolean(), registry.RegisterCreator(mine, "mine"));
        Assert.Equal(golden.GetProperty("getCreator_mine").GetBoolean(), ReferenceEquals(mine, registry.GetCreator("Twice", "1", "mine")));
        JsonElement differing = golden.GetProperty("own_namespace_other_argument_empty");
        Assert.Equal(differing.GetProperty("register").GetBoolean(), registry.RegisterCreator(other, string.Empty));
        Assert.Equal(0, recorder.NbErrors);
        Assert.Equal(differing.GetProperty("get_other").GetBoolean(), registry.GetCreator("Thrice", "1", "other") is not null);
        Assert.Equal(differing.GetProperty("get_empty").GetBoolean(), registry.GetCreator("Thrice", "1") is not null);
        Assert.Equal(2, recorder.NbErrors);
        Assert.Same(plain, registry.GetCreator("Twice", "1"));
        Assert.Null(registry.GetCreator("Twice", "2"));
        Assert.Null(registry.GetCreator("Nope", "1"));

        string[] lines = [.. Enumerable.Range(0, recorder.NbErrors).Select(recorder.GetErrorDesc)];
        string missing = golden.GetProperty("getCreator_log")[0][1].GetString()!;
        Assert.Contains(missing[..missing.IndexOf(" In getCreatorInternal", StringComparison.Ordinal)], lines[^1], StringComparison.Ordinal);
        Assert.Equal(golden.GetProperty("deregister").GetBoolean(), registry.DeregisterCreator(plain));
        Assert.Equal(golden.GetProperty("deregister_again")[0].GetBoolean(), registry.DeregisterCreator(plain));
        Assert.Contains("IPluginRegistry::deregisterCreator: Error Code 4: API Usage Error (Plugin creator Twice does not exist.", recorder.GetErrorDesc(recorder.NbErrors - 1), StringComparison.Ordinal);
        Assert.Equal([mine, other], registry.GetAllCreators());
        registry.ErrorRecorder = null;
    }

    [Fact]
    public void BuildersAndRuntimesGoOnInTheProcesssRegistry()
    {
        using PluginRig rig = new(direct: true);
        IPluginRegistry process = CpuRuntime.Provider.PluginRegistry;
        IPluginRegistry own = rig.Builder().PluginRegistry;
        NamedCreator everywhere = new("RegistryTestEverywhere", string.Empty);
        NamedCreator here = new("RegistryTestHere", string.Empty);
        Assert.True(process.RegisterCreator(everywhere, string.Empty));
        try
        {
            Assert.True(own.RegisterCreator(here, string.Empty));
            Assert.NotSame(process, own);
            Assert.Same(everywhere, own.GetCreator(everywhere.PluginName, "1"));
            Assert.Null(process.GetCreator(here.PluginName, "1"));
            Assert.Equal([here], own.GetAllCreators());
            Assert.Contains(everywhere, own.GetAllCreatorsRecursive());
            Assert.True(own.IsParentSearchEnabled);
            own.SetParentSearchEnabled(false);
            Assert.Null(own.GetCreator(everywhere.PluginName, "1"));
            Assert.Equal([here], own.GetAllCreatorsRecursive());
            Assert.Empty(rig.Runtime().PluginRegistry.GetAllCreators());
        }
        finally
        {
            Assert.True(process.DeregisterCreator(everywhere));
        }
    }

    [Fact]
    public void CreatorsOfBothVersionsAreKeptApartByKind()
    {
        using PluginRig rig = new(direct: false);
        IPluginRegistry registry = rig.Runtime().PluginRegistry;
        OffsetCreator old = new(new CallLog());
        NamedCreator third = new("Third", string.Empty);
        Assert.True(registry.RegisterCreator((IPluginCreator)old, string.Empty));
        Assert.True(registry.RegisterCreator(third, string.Empty));
        Assert.Equal([old], registry.GetPluginCreatorList());
        Assert.Same(old, registry.GetPluginCreator(OffsetCreator.Name, "1"));
        Assert.Same(old, registry.GetCreator(OffsetCreator.Name, "1"));
        Assert.Null(registry.GetPluginCreator("Third", "1"));
        Assert.Equal([old, third], registry.GetAllCreators());
        Assert.True(registry.DeregisterCreator((IPluginCreator)old));
        Assert.Empty(registry.GetPluginCreatorList());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AResourceIsClonedOnceAndReleasedWithItsLastUser(bool direct)
    {
        using PluginRig rig = new(direct);
        IPluginRegistry registry = rig.Runtime().PluginRegistry;
        CallLog log = new();
        TableResource resource = new(log, "original");
        IPluginResource first = registry.AcquirePluginResource("table", resource)!;
        IPluginResource second = registry.AcquirePluginResource("table", new TableResource(log, "not needed"))!;
        Assert.Same(first, second);
        Assert.Equal("original's clone", Assert.IsType<TableResource>(first).Name);
        Assert.Equal(0, registry.ReleasePluginResource("table"));
        Assert.Equal(["clone original"], log.Calls);
        Assert.Equal(0, registry.ReleasePluginResource("table"));
        Assert.Equal(["clone original", "release original's clone", "delete original's clone"], log.Calls);
        Assert.NotEqual(0, CpuStatus(() => registry.ReleasePluginResource("table")));
    }

    [Fact]
    public void LibrariesAreRefusedWithTheReason()
    {
        using PluginRig rig = new(direct: true);
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Runtime().PluginRegistry.LoadLibrary("libplugins.so"));
        Assert.Contains("IPluginRegistry::loadLibrary: Error Code 10: API Usage Error (libplugins.so was not loaded: plugin libraries compute with CUDA", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => rig.Runtime().PluginRegistry.DeregisterLibrary(8));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CollectionsInBetweenChangeNothing(bool direct)
    {
        CallLog log = new();
        using (PluginRig rig = new(direct))
        {
            byte[] plan = rig.Build(network =>
            {
                PluginV3Tests.Scale(network, [2], new ScalePlugin(log, 2));
                Collect();
            });
            Collect();
            IRuntime runtime = rig.Runtime();
            Register(runtime, log);
            Collect();
            ICudaEngine engine = rig.Own(runtime.DeserializeCudaEngine(plan));
            Collect();
            using IExecutionContext context = engine.CreateExecutionContext();
            for (int run = 0; run < 3; run++)
            {
                Collect();
                Assert.Equal([3f, 5], PluginRig.Run<float>(context, [("x", [2], new float[] { 1, 2 })], "y")[0].Values);
            }
        }

        Assert.Equal(1, log.Alive);

        static void Register(IRuntime runtime, CallLog log) => Assert.True(runtime.PluginRegistry.RegisterCreator(new ScaleCreator(log), "tests"));

        static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }
    }

    private static int CpuStatus(Func<int> call)
    {
        try
        {
            return call();
        }
        catch (TensorRtException)
        {
            return -1;
        }
    }
}

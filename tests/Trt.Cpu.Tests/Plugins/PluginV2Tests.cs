using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>V2 plugins in C#: built, put into a plan, restored in a fresh runtime, and run.</summary>
public class PluginV2Tests
{
    public static TheoryData<bool, string> Ways => new() { { true, "10.16" }, { false, "10.16" }, { false, "8.6.1" } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void ADynamicPluginIsBuiltRestoredAndRun(bool direct, string release)
    {
        CallLog log = new();
        using (PluginRig rig = new(direct, release))
        {
            byte[] plan = rig.Build(network => Add(network, [-1], new OffsetPlugin(log, 2.5f)), [("x", [1], [2], [4])], typed: false);
            Assert.Equal(1, log.Alive);
            Assert.Contains("configure [-1] [1] [4] -> [-1] [8]", log.Calls);
            Assert.Contains("workspace [4]", log.Calls);
            Assert.Equal(0, log.Count("initialize"));

            ICudaEngine engine = rig.Load(plan, new OffsetCreator(log));
            Assert.Single(log.Calls, "deserialize offset 4");
            Assert.Equal(1, log.Count("initialize"));
            using (IExecutionContext context = engine.CreateExecutionContext())
            {
                foreach (int count in (int[])[3, 3, 1])
                {
                    float[] x = [.. Enumerable.Range(0, count).Select(i => (float)i)];
                    (Dims dims, float[] y) = PluginRig.Run<float>(context, [("x", [count], x)], "y")[0];
                    Assert.Equal<Dims>([2 * count], dims);
                    Assert.Equal([.. x.Select(value => value + 2.5f), .. x.Select(value => value + 2.5f)], y);
                }

                Assert.Contains("configure [3] [3] [3] -> [6] [6]", log.Calls);
                Assert.Contains("configure [1] [1] [1] -> [2] [2]", log.Calls);
                Assert.Equal(1, log.Count("attach"));
            }

            Assert.Equal(1, log.Count("detach"));
            Assert.Equal(0, log.Count("terminate"));
        }

        Assert.Equal(1, log.Count("terminate"));
        Assert.Equal(1, log.Alive);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void APluginOfFixedShapesRuns(bool direct, bool free)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        Func<float, IPluginV2> make = offset => free ? new FreeStaticPlugin(log, offset) : new StaticPlugin(log, offset);
        byte[] plan = rig.Build(network =>
        {
            Add(network, [2, 3], make(-1));
            IPluginV2Layer layer = Assert.IsAssignableFrom<IPluginV2Layer>(network.GetLayer(0));
            Assert.Equal(free, layer.Plugin is FreeStaticPlugin);
            Assert.Equal(LayerType.PluginV2, layer.Type);
        });
        Assert.Contains(free ? "configure [2, 3] Float" : "configure [2, 3] Float Float False Linear 1", log.Calls);
        ICudaEngine engine = rig.Load(plan, new OffsetCreator(log, make, StaticPlugin.Name));
        using IExecutionContext context = engine.CreateExecutionContext();
        float[] y = PluginRig.Run<float>(context, [("x", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 })], "y")[0].Values;
        Assert.Equal([0f, 1, 2, 3, 4, 5], y);
        Assert.Contains("enqueue 1 0", log.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APluginOfFixedShapesIsRefusedWhereARunDecidesThem(bool direct)
    {
        using PluginRig rig = new(direct);
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Build(network => Add(network, [-1, 3], new StaticPlugin(new CallLog(), 1)), [("x", [1, 3], [2, 3], [4, 3])]));
        Assert.Contains("Error Code 4: API Usage Error (offset: PluginV2Layer must be V2DynamicExt when there are runtime input dimensions.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clone", "INetworkDefinition::addPluginV2", "IPluginV2::clone")]
    [InlineData("supports", "could not find any supported formats", "Offset, version: 1")]
    [InlineData("size", "IBuilder::buildSerializedNetwork", "IPluginV2::getSerializationSize threw InvalidOperationException: no size")]
    public void AFailureNamesThePlugin(string call, string first, string second)
    {
        CallLog log = new() { Fails = call };
        using PluginRig rig = new(direct: true);
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Build(network => Add(network, [2], new OffsetPlugin(log, 1))));
        Assert.Contains(first, error.Message, StringComparison.Ordinal);
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
        Assert.Contains("Offset, version: 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, log.Alive);
    }

    [Theory]
    [InlineData("deserialize", "IPluginCreator::deserializePlugin gave null")]
    [InlineData("initialize", "IPluginV2::initialize failed with status 5")]
    public void ALoadThatFailsNamesThePlugin(string call, string text)
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => Add(network, [2], new OffsetPlugin(log, 1)));
        log.Fails = call;
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Load(plan, new OffsetCreator(log)));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains("Offset, version: 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, log.Alive);
    }

    private static void Add(INetworkDefinition network, Dims dims, IPluginV2 plugin)
    {
        ITensor x = network.AddInput("x", DataType.Float, dims);
        IPluginV2Layer layer = network.AddPluginV2([x], plugin);
        layer.Name = "offset";
        ITensor y = layer.GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
    }
}

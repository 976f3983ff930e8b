using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>V3 plugins in C#: built, put into a plan, restored in a fresh runtime, and run; directly and through stub → vtable → proxy.</summary>
public class PluginV3Tests
{
    public static TheoryData<bool> Ways => PluginRig.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public void APluginIsBuiltRestoredAndRun(bool direct)
    {
        CallLog log = new();
        using (PluginRig rig = new(direct))
        {
            byte[] plan = rig.Build(network => Scale(network, [2, 3], new ScalePlugin(log, 3)));

            // As NVIDIA's builder was seen to ask; the network keeps a clone of its own.
            Assert.Equal("outputs types clone name shapes supports limit configure workspace tactics fields", log.Order());
            Assert.Equal(["supports 0 Float Linear [2, 3]", "supports 1 Float Linear [2, 3]"], log.Calls.Where(call => call.StartsWith("supports", StringComparison.Ordinal)));
            Assert.Single(log.Calls, "configure [2, 3] [2, 3] [2, 3] [2, 3] -> [2, 3] [2, 3] [2, 3] [2, 3]");
            Assert.Equal(1, log.Alive);

            ICudaEngine engine = rig.Load(plan, new ScaleCreator(log));
            Assert.Single(log.Calls, "create scaled Runtime Float32 1");
            using IExecutionContext context = engine.CreateExecutionContext();
            using IExecutionContext other = engine.CreateExecutionContext();
            Assert.Equal(2, log.Count("attach"));
            for (int run = 0; run < 2; run++)
            {
                (Dims dims, float[] y) = PluginRig.Run<float>(context, [("x", [2, 3], new float[] { 1, 2, 3, 4, 5, -6 })], "y")[0];
                Assert.Equal<Dims>([2, 3], dims);
                Assert.Equal([4f, 7, 10, 13, 16, -17], y);
            }

            Assert.Equal(1, log.Count("change"));
            Assert.Equal(2, log.Count("enqueue"));
        }

        // All but the user's own were deleted.
        Assert.Equal(1, log.Alive);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void ShapesOfARunReachThePlugin(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network => Scale(network, [-1, 3], new ScalePlugin(log, 2)), [("x", [1, 3], [2, 3], [4, 3])]);
        Assert.Single(log.Calls, "configure [-1, 3] [1, 3] [4, 3] [2, 3] -> [-1, 3] [1, 3] [4, 3] [2, 3]");
        ICudaEngine engine = rig.Load(plan, new ScaleCreator(log));
        using IExecutionContext context = engine.CreateExecutionContext();
        foreach (int rows in (int[])[1, 4, 4, 2])
        {
            float[] x = [.. Enumerable.Range(0, rows * 3).Select(i => (float)i)];
            (Dims dims, float[] y) = PluginRig.Run<float>(context, [("x", [rows, 3], x)], "y")[0];
            Assert.Equal<Dims>([rows, 3], dims);
            Assert.Equal(x.Select(value => (value * 2) + 1), y);
        }

        Assert.Equal(["change [1, 3] -> [1, 3]", "change [4, 3] -> [4, 3]", "change [2, 3] -> [2, 3]"], log.Calls.Where(call => call.StartsWith("change", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void TheLayerGivesItsPlugin(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        rig.Build(network =>
        {
            Scale(network, [2], new ScalePlugin(log, 7));
            IPluginV3Layer layer = Assert.IsAssignableFrom<IPluginV3Layer>(network.GetLayer(0));
            Assert.Equal(LayerType.PluginV3, layer.Type);
            Assert.Equal(7, Assert.IsType<ScalePlugin>(layer.Plugin).Factor);
        });
    }

    /// <summary>y = factor · x + 1, so that the plugin is not alone.</summary>
    internal static void Scale(INetworkDefinition network, Dims dims, IPluginV3 plugin, DataType type = DataType.Float)
    {
        ITensor x = network.AddInput("x", type, dims);
        IPluginV3Layer layer = network.AddPluginV3([x], [], plugin);
        layer.Name = "scaled";
        ITensor scaled = layer.GetOutput(0);
        ITensor y = scaled;
        if (type == DataType.Float)
        {
            // 1 = exp(y - y)
            ITensor zero = network.AddElementWise(y, y, ElementWiseOperation.Sub).GetOutput(0);
            y = network.AddElementWise(y, network.AddUnary(zero, UnaryOperation.Exp).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
        }

        y.Name = "y";
        network.MarkOutput(y);
    }
}

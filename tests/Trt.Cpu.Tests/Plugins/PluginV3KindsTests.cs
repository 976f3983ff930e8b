using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>What V3 plugins may do besides: sizes that only a run knows, aliases, shape inputs, tactics, formats and types.</summary>
public class PluginV3KindsTests
{
    public static TheoryData<bool> Ways => PluginRig.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public void OnlyTheRunKnowsHowLargeAnOutputIs(bool direct)
    {
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
            IPluginV3Layer layer = network.AddPluginV3([x], [], new NonZeroPlugin());
            ITensor rows = layer.GetOutput(0);
            Assert.Equal<Dims>([-1, 2], rows.Dimensions);
            Assert.Equal(0, layer.GetOutput(1).Dimensions.NbDims);
            ITensor doubled = network.AddElementWise(rows, rows, ElementWiseOperation.Sum).GetOutput(0);
            Assert.Equal<Dims>([-1, 2], doubled.Dimensions);
            rows.Name = "rows";
            doubled.Name = "doubled";
            network.MarkOutput(rows);
            network.MarkOutput(doubled);
        }, [("x", [1, 3], [2, 3], [4, 3])]);
        ICudaEngine engine = rig.Load(plan, new NonZeroPlugin());
        using IExecutionContext context = engine.CreateExecutionContext();
        foreach ((float[] x, int[] expected) in ((float[], int[])[])[([0, 1, 0, 2, 0, 3], [0, 1, 1, 0, 1, 2]), ([0, 0, 0], []), ([1, 1, 1], [0, 0, 0, 1, 0, 2])])
        {
            (Dims Dims, int[] Values)[] outputs = PluginRig.Run<int>(context, [("x", [x.Length / 3, 3], x)], "rows", "doubled");
            Assert.Equal<Dims>([expected.Length / 2, 2], outputs[0].Dims);
            Assert.Equal(expected, outputs[0].Values);
            Assert.Equal<Dims>([expected.Length / 2, 2], outputs[1].Dims);
            Assert.Equal(expected.Select(value => 2 * value), outputs[1].Values);
        }
    }

    [Fact]
    public void ASizeTensorBeyondItsLimitEndsTheRun()
    {
        using PluginRig rig = new(direct: true);
        NonZeroPlugin plugin = new() { Lie = 7 };
        byte[] plan = rig.Build(network =>
        {
            ITensor rows = network.AddPluginV3([network.AddInput("x", DataType.Float, [2, 3])], [], plugin).GetOutput(0);
            rows.Name = "rows";
            network.MarkOutput(rows);
        });
        using IExecutionContext context = rig.Load(plan, plugin).CreateExecutionContext();
        TensorRtException error = Assert.Throws<TensorRtException>(() => PluginRig.Run<int>(context, [("x", [2, 3], new float[6])], "rows"));
        Assert.Contains("plugin RowsOfNonZero, version: 1, namespace: \"\": size tensor 1 says 7, but its limit is 6", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void AnAliasedOutputSharesMemoryAndOthersSeeTheInputUnchanged(bool direct, bool preview)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [4]);
            ITensor y = network.AddPluginV3([x], [], new InPlacePlugin(log)).GetOutput(0);
            ITensor z = network.AddUnary(x, UnaryOperation.Neg).GetOutput(0);
            y.Name = "y";
            z.Name = "z";
            network.MarkOutput(y);
            network.MarkOutput(z);
        }, configure: config => config.SetPreviewFeature(PreviewFeature.AliasedPluginIO1003, preview));
        using IExecutionContext context = rig.Load(plan, new InPlacePlugin(log)).CreateExecutionContext();
        float[] x = [1, 2, 3, 4];
        (Dims Dims, float[] Values)[] outputs = PluginRig.Run<float>(context, [("x", [4], x)], "y", "z");
        Assert.Equal([2f, 3, 4, 5], outputs[0].Values);
        Assert.Equal([-1f, -2, -3, -4], outputs[1].Values);
        Assert.Equal([1f, 2, 3, 4], x);
        Assert.Equal(preview ? ["alias", "shared"] : ["apart"], log.Calls);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void ShapeInputsDecideShapes(bool direct)
    {
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [3]);
            ITensor shape = network.AddInput("shape", DataType.Int64, [2]);
            ITensor y = network.AddPluginV3([x], [shape], new RepeatPlugin()).GetOutput(0);
            Assert.Equal<Dims>([-1, -1], y.Dimensions);
            y.Name = "y";
            network.MarkOutput(y);
        }, values: [("shape", [1, 1], [2, 2], [4, 4])]);
        using IExecutionContext context = rig.Load(plan, new RepeatPlugin()).CreateExecutionContext();
        foreach ((long a, long b) in ((long, long)[])[(2, 1), (1, 3), (4, 4)])
        {
            (Dims dims, float[] y) = PluginRig.Run<float>(context, [("x", [3], new float[] { 5, 6, 7 }), ("shape", [2], new long[] { a, b })], "y")[0];
            Assert.Equal<Dims>([a, b + 1], dims);
            Assert.Equal(Enumerable.Range(0, (int)(a * (b + 1))).Select(i => 5f + (i % 3)), y);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TheFasterTacticIsTaken(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 2) { Offered = [ScalePlugin.Slow, 7] }));
        Assert.True(log.Count("enqueue") >= 2);
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        float[] y = PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 3 })], "y")[0].Values;
        Assert.Equal([21f, 41, 61], y);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TimesOfTacticsAreKeptInTheTimingCache(bool direct)
    {
        using PluginRig rig = new(direct);
        byte[] kept = [];
        byte[] Build(CallLog log, float factor, params ReadOnlySpan<BuilderFlag> flags)
        {
            BuilderFlag[] own = flags.ToArray();
            ITimingCache? cache = null;
            byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [3], new ScalePlugin(log, factor) { Offered = [ScalePlugin.Slow, 7] }), configure: config =>
            {
                Array.ForEach(own, config.SetFlag);
                cache = config.CreateTimingCache(kept);
                config.SetTimingCache(cache, false);
            });
            using IHostMemory written = cache!.Serialize();
            kept = written.AsSpan().ToArray();
            return plan;
        }

        CallLog first = new();
        Build(first, 2);
        Assert.True(first.Count("enqueue") >= 2);

        // Known now: not timed again, nor for want of a time refused; another factor is another plugin.
        CallLog second = new();
        byte[] plan = Build(second, 2, BuilderFlag.ErrorOnTimingCacheMiss);
        Assert.Equal(0, second.Count("enqueue"));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(second)).CreateExecutionContext();
        Assert.Equal([21f], PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 3 })], "y")[0].Values[..1]);
        Assert.Contains("timing cache has no time", Assert.Throws<TensorRtException>(() => Build(new CallLog(), 3, BuilderFlag.ErrorOnTimingCacheMiss)).Message, StringComparison.Ordinal);
        CallLog third = new();
        Build(third, 2, BuilderFlag.DisableTimingCache);
        Assert.True(third.Count("enqueue") >= 2);
    }

    [Fact]
    public void AnOnlyTacticIsTakenWithoutTiming()
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [1], new ScalePlugin(log, 2) { Offered = [7] }));
        Assert.Equal(0, log.Count("enqueue"));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        Assert.Equal([21f], PluginRig.Run<float>(context, [("x", [1], new float[] { 1 })], "y")[0].Values);
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Build(network => PluginV3Tests.Scale(network, [1], new ScalePlugin(log, 2) { Offered = [7, 0] })));
        Assert.Contains("tactics must be different and not 0", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The plugin writes into each element its place in memory: y then shows the layout, here worked out by hand for 2 channels and 3 columns.</summary>
    [Theory]
    [InlineData(TensorFormat.Linear, new float[] { 0, 1, 2, 3, 4, 5 })]
    [InlineData(TensorFormat.HWC, new float[] { 0, 2, 4, 1, 3, 5 })]
    [InlineData(TensorFormat.CHW32, new float[] { 0, 32, 64, 1, 33, 65 })]
    public void AVectorFormatIsReallyLaidOut(TensorFormat format, float[] expected)
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [1, 2, 1, 3], new ScalePlugin(log, ScalePlugin.Places) { Format = format }));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        float[] y = PluginRig.Run<float>(context, [("x", [1, 2, 1, 3], new float[6])], "y")[0].Values;
        Assert.Equal(expected.Select(value => value + 1), y);
    }

    [Theory]
    [InlineData(TensorFormat.HWC)]
    [InlineData(TensorFormat.CHW32)]
    public void InputsReachAVectorFormatInOrder(TensorFormat format)
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [1, 33, 2, 2], new ScalePlugin(log, 2) { Format = format }));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        float[] x = [.. Enumerable.Range(0, 132).Select(i => (float)i)];
        float[] y = PluginRig.Run<float>(context, [("x", [1, 33, 2, 2], x)], "y")[0].Values;
        Assert.Equal(x.Select(value => (2 * value) + 1), y);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APluginInHalfPrecisionNeedsTheFlag(bool flag)
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] Build() => rig.Build(network => PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 2) { Element = DataType.Half }), configure: config =>
        {
            if (flag)
            {
                config.SetFlag(BuilderFlag.FP16);
            }
        }, typed: false);
        if (flag)
        {
            using IExecutionContext context = rig.Load(Build(), new ScaleCreator(log)).CreateExecutionContext();

            // 2049 is no half; 2048 is the nearest even one.
            Assert.Equal([3f, 5, 4097], PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 2049 })], "y")[0].Values);
        }
        else
        {
            TensorRtException error = Assert.Throws<TensorRtException>(Build);
            Assert.Contains("IBuilder::buildSerializedNetwork: Error Code 9: Internal Error (scaled: could not find any supported formats consistent with input/output data types",
                error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AProfilerSeesThePluginsLayer()
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(network => PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 2)));
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        Layers profiler = new();
        context.Profiler = profiler;
        Assert.Equal([3f, 5, 7], PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 3 })], "y")[0].Values);
        Assert.Equal("scaled", profiler.Names[0]);
        context.Profiler = null;
        Assert.Equal(1, log.Count("attach"));
    }

    private sealed class Layers : IProfiler
    {
        public List<string> Names { get; } = [];

        public void ReportLayerTime(string layerName, float ms) => Names.Add(layerName);
    }
}

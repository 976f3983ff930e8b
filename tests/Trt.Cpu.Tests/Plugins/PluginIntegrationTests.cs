using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;
using Xunit;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Plugins together with what else looks at or changes an engine, and inside of loops and branches.</summary>
public class PluginIntegrationTests
{
    public static TheoryData<bool> Ways => PluginRig.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public void ItIsTimedShownAndDescribed(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(
            network =>
            {
                PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 2));
                network.GetLayer(0).GetOutput(0).Name = "doubled";
                network.MarkDebug(network.GetLayer(0).GetOutput(0));
            },
            configure: config => config.ProfilingVerbosity = ProfilingVerbosity.Detailed);
        ICudaEngine engine = rig.Load(plan, new ScaleCreator(log));
        using IExecutionContext context = engine.CreateExecutionContext();
        Watcher watcher = new();
        context.DebugListener = watcher;
        context.SetAllTensorsDebugState(true);
        context.Profiler = watcher;
        Assert.Equal([3f, 5, 7], PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 3 })], "y")[0].Values);
        Assert.Contains(watcher.Times, entry => entry.Key == "scaled" && entry.Value > 0);
        Assert.Equal([2f, 4, 6], watcher.Shown["doubled"]);

        using IEngineInspector inspector = engine.CreateEngineInspector();
        using JsonDocument layer = JsonDocument.Parse(inspector.GetLayerInformation(0, LayerInformationFormat.JSON));
        Assert.Equal("PluginV3", layer.RootElement.GetProperty("LayerType").GetString());
        Assert.Equal("Scale", layer.RootElement.GetProperty("PluginName").GetString());
        Assert.Equal("multiplies by 2", layer.RootElement.GetProperty("PluginMetadata").GetString());
    }

    /// <summary>The range of what a plugin makes is measured by running it; x reaches from -1 to 0.5, its output from -3 to 1.5.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void CalibrationRunsIt(bool direct)
    {
        CallLog log = new();
        using (PluginRig rig = new(direct))
        using (PinnedBuffers memory = new())
        {
            OneBatch calibrator = new(memory.Add(new float[] { 0.5f, -1 }));
            byte[] plan = rig.Build(
                network =>
                {
                    ITensor x = network.AddInput("x", DataType.Float, [1, 1, 1, 2]);
                    ILayer scaled = network.AddPluginV3([x], [], new ScalePlugin(log, 3));
                    scaled.GetOutput(0).Name = "tripled";
                    ITensor y = network.AddConvolutionNd(scaled.GetOutput(0), 1, [1, 1], Weights.From((float[])[2]), default).GetOutput(0);
                    y.Name = "y";
                    network.MarkOutput(y);
                },
                configure: config =>
                {
                    config.SetFlag(BuilderFlag.Int8);
                    config.Int8Calibrator = calibrator;
                },
                typed: false);
            Dictionary<string, float> scales = CalibrationCache.Read(Encoding.UTF8.GetBytes(calibrator.Written)).Scales.ToDictionary(entry => entry.Tensor, entry => entry.Scale);
            Assert.Equal(1f / 127, scales["x"], 1e-7);
            Assert.Equal(3f / 127, scales["tripled"], 1e-7);
            Assert.Equal(1, log.Count("attach"));
            using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
            float[] y = PluginRig.Run<float>(context, [("x", [1, 1, 1, 2], new float[] { 0.1f, -1 })], "y")[0].Values;
            Assert.Equal(2 * Math.Round(0.3 * 127 / 3) * 3 / 127, y[0], 1e-5);
            Assert.Equal(-6, y[1], 1e-5);
        }

        Assert.Equal(1, log.Alive);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void APluginThatFailsStopsTheCalibration(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        using PinnedBuffers memory = new();
        OneBatch calibrator = new(memory.Add(new float[3]));
        log.Fails = "enqueue";
        TensorRtException error = Assert.Throws<TensorRtException>(() => rig.Build(
            network => PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 3)),
            configure: config =>
            {
                config.SetFlag(BuilderFlag.Int8);
                config.Int8Calibrator = calibrator;
            },
            typed: false));
        Assert.Contains("scaled: plugin Scale", error.Message, StringComparison.Ordinal);
        Assert.Contains("enqueue failed with status 5", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Weights change under a plugin whose input comes in a vector format, while shapes change too.</summary>
    [Fact]
    public void WeightsAroundItAreRefittedWithVectorFormatsAndDynamicShapes()
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] plan = rig.Build(
            network =>
            {
                ITensor x = network.AddInput("x", DataType.Float, [-1, 3, 1, 2]);
                x.AllowedFormats = Mask.Create([TensorFormat.HWC]);
                ITensor scaled = network.AddPluginV3([x], [], new ScalePlugin(log, 2)).GetOutput(0);
                IConstantLayer w = network.AddConstant([1, 3, 1, 1], Weights.From((float[])[1, 10, 100]));
                w.Name = "w";
                ITensor y = network.AddElementWise(scaled, w.GetOutput(0), ElementWiseOperation.Prod).GetOutput(0);
                y.Name = "y";
                network.MarkOutput(y);
            },
            [("x", [1, 3, 1, 2], [1, 3, 1, 2], [4, 3, 1, 2])],
            config => config.SetFlag(BuilderFlag.Refit));
        ICudaEngine engine = rig.Load(plan, new ScaleCreator(log));
        Assert.Equal(TensorFormat.HWC, engine.GetTensorFormat("x"));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = CpuRuntime.Provider.CreateInferRefitter(engine, rig.Log);

        // Channels last: 1, 2, 3 are the channels of column 0.
        float[] image = [1, 2, 3, 4, 5, 6];
        Assert.Equal([2f, 8, 40, 100, 600, 1200], PluginRig.Run<float>(context, [("x", [1, 3, 1, 2], image)], "y")[0].Values);
        refitter.SetWeights("w", WeightsRole.Constant, Weights.From((float[])[3, 2, 1]));
        refitter.RefitCudaEngine();
        float[] once = [6, 24, 8, 20, 6, 12];
        Assert.Equal([.. once, .. once], PluginRig.Run<float>(context, [("x", [2, 3, 1, 2], (float[])[.. image, .. image])], "y")[0].Values);
        Assert.Equal(once, PluginRig.Run<float>(context, [("x", [1, 3, 1, 2], image)], "y")[0].Values);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void ItRunsInEachIterationOfALoop(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network =>
        {
            ITensor x = network.AddInput("x", DataType.Float, [2]);
            ILoop loop = network.AddLoop();
            loop.AddTripLimit(network.AddConstant([], Weights.From((int[])[3])).GetOutput(0), TripLimit.Count);
            IRecurrenceLayer state = loop.AddRecurrence(x);
            state.SetInput(1, network.AddPluginV3([state.GetOutput(0)], [], new ScalePlugin(log, 2)).GetOutput(0));
            ITensor y = loop.AddLoopOutput(state.GetOutput(0), LoopOutput.LastValue).GetOutput(0);
            y.Name = "y";
            network.MarkOutput(y);
        });
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        Assert.Equal([8f, -24], PluginRig.Run<float>(context, [("x", [2], new float[] { 1, -3 })], "y")[0].Values);
        Assert.Equal(3, log.Count("enqueue"));
        Assert.Equal(1, log.Count("change"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void OnlyThePluginOfTheBranchThatIsTakenRuns(bool direct)
    {
        CallLog log = new();
        using PluginRig rig = new(direct);
        byte[] plan = rig.Build(network =>
        {
            IIfConditional branch = network.AddIfConditional();
            branch.SetCondition(network.AddInput("p", DataType.Bool, []));
            ITensor x = branch.AddInput(network.AddInput("x", DataType.Float, [2])).GetOutput(0);
            ITensor doubled = network.AddPluginV3([x], [], new ScalePlugin(log, 2)).GetOutput(0);
            ITensor tripled = network.AddPluginV3([x], [], new ScalePlugin(log, 3)).GetOutput(0);
            ITensor y = branch.AddOutput(doubled, tripled).GetOutput(0);
            y.Name = "y";
            network.MarkOutput(y);
        });
        using IExecutionContext context = rig.Load(plan, new ScaleCreator(log)).CreateExecutionContext();
        foreach ((bool taken, float factor) in ((bool, float)[])[(true, 2), (false, 3)])
        {
            Assert.Equal([factor, -2 * factor], PluginRig.Run<float>(context, [("x", [2], new float[] { 1, -2 }), ("p", [], new[] { taken })], "y")[0].Values);
        }

        Assert.Equal(2, log.Count("enqueue"));
    }

    /// <summary>A model that is written names plugin and fields; whoever has the creator can read it again.</summary>
    [Fact]
    public void AWrittenModelMakesThePluginAgain()
    {
        CallLog log = new();
        using PluginRig rig = new(direct: true);
        byte[] model = [];
        rig.Build(network =>
        {
            PluginV3Tests.Scale(network, [3], new ScalePlugin(log, 2.5f));
            model = network.ToOnnx();
        });
        NodeProto node = Assert.Single(ModelProto.Parser.ParseFrom(model).Graph.Node, node => node.Domain == "trt.cpu");
        Assert.Equal("Scale", node.OpType);
        Assert.Equal("3", node.Attribute.Single(attribute => attribute.Name == "plugin_version").S.ToStringUtf8());
        Assert.Equal("tests", node.Attribute.Single(attribute => attribute.Name == "plugin_namespace").S.ToStringUtf8());
        Assert.Equal([2.5f], node.Attribute.Single(attribute => attribute.Name == "factor").Floats);

        ScaleCreator creator = new(log);
        byte[] plan = rig.Build(network =>
        {
            IPluginRegistry registry = network.Builder.PluginRegistry;
            Assert.True(registry.RegisterCreator(creator, creator.PluginNamespace));
            try
            {
                using IParser parser = CpuRuntime.Provider.CreateParser(network, rig.Log);
                parser.Parse(model);
            }
            finally
            {
                registry.DeregisterCreator(creator);
            }
        });
        using IExecutionContext context = rig.Load(plan, creator).CreateExecutionContext();
        Assert.Equal([3.5f, 6, 8.5f], PluginRig.Run<float>(context, [("x", [3], new float[] { 1, 2, 3 })], "y")[0].Values);
    }

    /// <summary>Expressions of a build that stubs were made of go when the build is over.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public void ExpressionsAreNotHeldAfterTheBuild(bool direct)
    {
        using PluginRig rig = new(direct);
        ShapeKeeper plugin = new(new CallLog());
        rig.Build(network => PluginV3Tests.Scale(network, [-1, 3], plugin), [("x", [1, 3], [1, 3], [2, 3])]);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.NotEmpty(plugin.Seen);
        Assert.All(plugin.Seen, expression => Assert.False(expression.TryGetTarget(out _)));
    }

    private sealed class Watcher : IProfiler, IDebugListener
    {
        public Dictionary<string, float> Times { get; } = [];

        public Dictionary<string, float[]> Shown { get; } = [];

        public void ReportLayerTime(string layerName, float ms) => Times[layerName] = ms;

        public bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
        {
            float[] values = new float[shape.Volume];
            Marshal.Copy(addr, values, 0, values.Length);
            Shown[name] = values;
            return true;
        }
    }

    private sealed class OneBatch(nint data) : IInt8MinMaxCalibrator
    {
        private bool given;

        public string Written { get; private set; } = string.Empty;

        public int BatchSize => 1;

        public CalibrationAlgoType Algorithm => CalibrationAlgoType.MinmaxCalibration;

        public bool GetBatch(Span<nint> bindings, ReadOnlySpan<string> names)
        {
            bindings[0] = data;
            return !given && (given = true);
        }

        public byte[]? ReadCalibrationCache() => null;

        public void WriteCalibrationCache(ReadOnlySpan<byte> ptr) => Written = Encoding.UTF8.GetString(ptr);
    }

    /// <summary>Remembers, without holding them, the expressions that it was given.</summary>
    private sealed class ShapeKeeper(CallLog log) : ScalePlugin(log, 2)
    {
        public List<WeakReference<IDimensionExpr>> Seen { get; private init; } = [];

        public override IPluginV3? Clone() => new ShapeKeeper(Log) { Seen = Seen };

        public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
        {
            foreach (IDimensionExpr expression in inputs[0])
            {
                Seen.Add(new WeakReference<IDimensionExpr>(expression));
            }

            return base.GetOutputShapes(inputs, shapeInputs, outputs, exprBuilder);
        }
    }
}

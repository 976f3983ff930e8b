using Trt.Cpu.Tests.Goldens;
using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Cpu.Tests.Layers;

/// <summary>
/// A small network that a test defines once. It runs on the CPU runtime, directly and through stub → vtable → proxy, where its outputs must be what the
/// test says; TensorRT-RTX, where it is here, must take or refuse it alike and see the same names, shapes and types.
/// </summary>
/// <param name="define">Adds inputs and layers and gives the outputs, which become y0, y1, …; weights are made from arrays by its second argument.</param>
internal sealed class LayerCheck(Func<INetworkDefinition, Func<Array, Weights>, ITensor[]> define)
{
    private readonly List<(string Name, Dims Dims, Array Values)> feeds = [];
    private readonly List<(Dims Dims, Array Values, double Tolerance)> expected = [];
    private readonly List<(string Name, Dims Min, Dims Opt, Dims Max)> shapes = [];
    private readonly List<(string Name, long[] Min, long[] Opt, long[] Max)> values = [];
    private string? refusal;

    /// <summary>Whether the network is strongly typed, as all networks of TensorRT-RTX are.</summary>
    public bool Typed { get; init; } = true;

    /// <summary>Why TensorRT-RTX is not asked, where it cannot be the judge; null to ask it.</summary>
    public string? RtxDiffers { get; init; }

    /// <summary>The release of TensorRT whose tables the way through stubs and proxies has.</summary>
    public string Release { get; init; } = "10.16";

    /// <summary>Further settings of the build.</summary>
    public Action<IBuilderConfig>? Configure { get; init; }

    /// <summary>An input of the run; the array's element type is the tensor's (Half for kHALF, bool for kBOOL, <see cref="Int4Pair"/> for two of kINT4).</summary>
    public LayerCheck Feed(string name, Dims dims, Array data)
    {
        feeds.Add((name, dims, data));
        return this;
    }

    /// <summary>What the next output must be; numbers within the tolerance, all else exactly.</summary>
    public LayerCheck Expect(Dims dims, Array data, double tolerance = 1e-6)
    {
        expected.Add((dims, data, tolerance));
        return this;
    }

    /// <summary>Shapes of an input in the one profile.</summary>
    public LayerCheck Profile(string name, Dims min, Dims opt, Dims max)
    {
        shapes.Add((name, min, opt, max));
        return this;
    }

    /// <summary>Values of a shape input in the one profile.</summary>
    public LayerCheck ProfileValues(string name, long[] min, long[] opt, long[] max)
    {
        values.Add((name, min, opt, max));
        return this;
    }

    /// <summary>
    /// The network must be refused, when a layer is added or when it is built, with this text in the log; error number, category and layer of the first error line
    /// must be TensorRT-RTX's too.
    /// </summary>
    public void Refused(string text)
    {
        refusal = text;
        Run();
    }

    public void Run()
    {
        if (TestTarget.Library is { } target)
        {
            Skip.If(Typed && !target.Supports(NetworkDefinitionCreationFlag.StronglyTyped), $"{target} has no strongly typed networks.");
            Check(target.CreateInferBuilder, target.CreateInferRuntime);
            return;
        }

        List<string> direct = Check(CpuRuntime.Provider.CreateInferBuilder, CpuRuntime.Provider.CreateInferRuntime);
        LoopBackLibrary library = new(CpuRuntime.Provider, Release);
        Assert.Equal(direct, Check(library.CreateInferBuilder, library.CreateInferRuntime));
        if (RtxDiffers is null && RtxLibrary.TryLoad() is { } rtx)
        {
            Assert.Equal(direct, Judge(rtx));
        }
    }

    /// <summary>Defines, builds and runs; gives names, shapes and types of all tensors, or that it was refused.</summary>
    private List<string> Check(Func<ILogger, IBuilder> createBuilder, Func<ILogger, IRuntime> createRuntime)
    {
        CollectingLogger log = new();
        using PinnedBuffers memory = new();
        using IBuilder builder = createBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2(Typed ? [NetworkDefinitionCreationFlag.StronglyTyped] : default);
        IHostMemory? plan = null;
        try
        {
            Define(network, memory);
            plan = Build(builder, network, Configure);
        }
        catch (TensorRtException error)
        {
            string lines = string.Join(Environment.NewLine, log.Errors.Append(error.Message));
            Assert.True(refusal is not null, $"Refused: {lines}");
            if (TestLibrary.IsCpu)
            {
                Assert.Contains(refusal, lines, StringComparison.Ordinal);
            }

            return [$"refused: {LayerGoldens.FirstError(log.Errors)}"];
        }

        using (plan)
        {
            Assert.True(refusal is null, "It was built, but should be refused.");
            using IRuntime runtime = createRuntime(log);
            using ICudaEngine engine = runtime.DeserializeCudaEngine(plan.AsSpan());
            using IExecutionContext context = engine.CreateExecutionContext();
            Compare(Execute(engine, context), engine);
            return Tell(network);
        }
    }

    private List<string> Judge(TensorRtLibrary rtx)
    {
        CollectingLogger log = new();
        using PinnedBuffers memory = new();
        using IBuilder builder = rtx.CreateInferBuilder(log);
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        try
        {
            Define(network, memory);
            Build(builder, network, RtxLibrary.Target).Dispose();
            return Tell(network);
        }
        catch (TensorRtException error)
        {
            return refusal is not null ? [$"refused: {LayerGoldens.FirstError(log.Errors)}"] : [$"TensorRT-RTX refuses it: {error.Message}"];
        }
    }

    private void Define(INetworkDefinition network, PinnedBuffers memory)
    {
        ITensor[] outputs = define(network, array => new Weights(TypeOf(array), memory.Add(array), array is Int4Pair[] ? array.Length * 2 : array.Length));
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i].Name = $"y{i}";
            network.MarkOutput(outputs[i]);
        }
    }

    private IHostMemory Build(IBuilder builder, INetworkDefinition network, Action<IBuilderConfig>? configure)
    {
        using IBuilderConfig config = builder.CreateBuilderConfig();
        configure?.Invoke(config);
        if (shapes.Count + values.Count > 0)
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            foreach ((string name, Dims min, Dims opt, Dims max) in shapes)
            {
                profile.SetDimensions(name, OptProfileSelector.Min, min);
                profile.SetDimensions(name, OptProfileSelector.Opt, opt);
                profile.SetDimensions(name, OptProfileSelector.Max, max);
            }

            foreach ((string name, long[] min, long[] opt, long[] max) in values)
            {
                profile.SetShapeValuesV2(name, OptProfileSelector.Min, min);
                profile.SetShapeValuesV2(name, OptProfileSelector.Opt, opt);
                profile.SetShapeValuesV2(name, OptProfileSelector.Max, max);
            }

            config.AddOptimizationProfile(profile);
        }

        return builder.BuildSerializedNetwork(network, config);
    }

    private List<(Dims Dims, byte[] Bytes)> Execute(ICudaEngine engine, IExecutionContext context)
    {
        using PinnedBuffers memory = new();
        foreach ((string name, Dims dims, Array data) in feeds)
        {
            context.SetTensorAddress(name, memory.Add(data));
            context.SetInputShape(name, dims);
        }

        Assert.Empty(context.InferShapes());
        List<GrowingHostOutput> outputs = [];
        try
        {
            for (int i = 0; i < expected.Count; i++)
            {
                GrowingHostOutput output = new();
                outputs.Add(output);
                context.SetOutputAllocator($"y{i}", output);
            }

            context.EnqueueV3(0);
            TestDevice.Synchronize();
            return [.. outputs.Select((output, i) => (output.Shape, output.Read(BytesOf(engine.GetTensorDataType($"y{i}"), output.Shape.Volume))))];
        }
        finally
        {
            outputs.ForEach(output => output.Dispose());
        }
    }

    private void Compare(List<(Dims Dims, byte[] Bytes)> actual, ICudaEngine engine)
    {
        Assert.NotEmpty(expected);
        for (int i = 0; i < expected.Count; i++)
        {
            (Dims dims, Array data, double tolerance) = expected[i];
            DataType type = engine.GetTensorDataType($"y{i}");
            Assert.Equal(TypeOf(data), type);
            Assert.Equal(dims, actual[i].Dims);
            double[] numbers = CaseValues.Numbers(actual[i].Bytes, type);
            double[] wanted = [.. data.Cast<object>().Select(Number)];
            Assert.Equal(wanted.Length, numbers.Length);
            bool exact = type is not (DataType.Float or DataType.Half or DataType.BF16);
            for (int at = 0; at < wanted.Length; at++)
            {
                bool same = exact || !double.IsFinite(wanted[at]) ? numbers[at].Equals(wanted[at]) : Math.Abs(numbers[at] - wanted[at]) <= tolerance;
                Assert.True(same, $"y{i} is {numbers[at]} at {at} where {wanted[at]} is expected: [{CaseValues.Text(numbers)}] for [{CaseValues.Text(wanted)}].");
            }
        }
    }

    private static List<string> Tell(INetworkDefinition network)
    {
        List<string> result = [];
        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                ITensor tensor = layer.GetOutput(output);
                result.Add($"{layer.Name} {layer.Type}: {tensor.Name} {tensor.Dimensions} {tensor.Type}");
            }
        }

        return result;
    }

    private static long BytesOf(DataType type, long count) => type == DataType.Int4 ? (count + 1) / 2 : count * CaseValues.Size(type);

    private static DataType TypeOf(Array array) => array switch
    {
        Int4Pair[] => DataType.Int4,
        float[] => DataType.Float,
        Half[] => DataType.Half,
        int[] => DataType.Int32,
        long[] => DataType.Int64,
        sbyte[] when array.GetType() == typeof(sbyte[]) => DataType.Int8,
        byte[] => DataType.UInt8,
        bool[] => DataType.Bool,
        _ => throw new ArgumentException($"An array of {array.GetType().GetElementType()} is no tensor."),
    };

    private static double Number(object value) => value switch
    {
        Half half => (double)half,
        Int4Pair pair => pair.Bits,
        bool truth => truth ? 1 : 0,
        _ => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture),
    };
}

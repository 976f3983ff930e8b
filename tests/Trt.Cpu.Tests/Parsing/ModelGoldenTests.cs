using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.NvOnnxParser;
using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>Whole models through the ONNX parser, against what TensorRT 8.6.0 computed on a GPU, or PyTorch where 8.6.0 cannot parse the model.</summary>
public class ModelGoldenTests
{
    private const double Tolerance = 2e-4;
    private const double HalfTolerance = 2e-2;

    /// <summary>Two graphs of one network may differ in the order of sums.</summary>
    private const double EqualTolerance = 1e-5;

    /// <summary>Model, its inputs and how many of their first rows, and the file and prefix of what must come out; the first set's shapes are the greatest.</summary>
    public static TheoryData<string, string, string, string> Sets => new()
    {
        { "lenet", "data:20", "lenet_fp32.npz", "set0." },
        { "lenet", "data:1", "lenet_fp32.npz", "set1." },
        { "unet", "image:8", "unet_fp32.npz", "set0." },
        { "unet", "image:1", "unet_fp32.npz", "set1." },
        { "charrnn", "tokens:1", "charrnn_fp32.npz", "set0." },
        { "shapes_retinanet", "input_1=a_input_1:1", "shapes_retinanet_fp32.npz", "set0." },
        { "shapes_retinanet_dynamic", "input_1=a_input_1:1", "shapes_retinanet_golden.npz", "a_" },
        { "shapes_retinanet_dynamic", "input_1=b_input_1:1", "shapes_retinanet_golden.npz", "b_" },
        { "encoder", "tokens:8", "encoder_golden.npz", string.Empty },
        { "encoder", "tokens=tokens_short:3", "encoder_golden.npz", "_short" },
        { "encoder", "tokens=tokens_long:2", "encoder_golden.npz", "_long" },
    };

    /// <summary>What each profile of an engine with two must give, and how many images it takes.</summary>
    public static TheoryData<int, int, string> Profiles => new() { { 0, 20, "set0@0." }, { 0, 1, "set1@0." }, { 1, 20, "set0@1." }, { 1, 1, "set1@1." } };

    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void OutputsAreTheGoldens(string model, string feed, string golden, string set)
    {
        using NpzFile expected = NpzFile.Open(File.Exists(GoldenFiles.Path(golden)) ? GoldenFiles.Path(golden) : ModelFiles.FindOrSkip(golden));
        Assert.All(Compute(model, feed, TestLibrary.Current.CreateParser), output =>
            Compare(expected[set.StartsWith('_') ? output.Name + set : set + output.Name], output.Values, Tolerance, output.Name));
    }

    /// <summary>NVIDIA's parser defines the network through our stubs; what is built of it computes the same numbers.</summary>
    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void NvidiasParserAndOursGiveEqualNumbers(string model, string feed, string golden, string set)
    {
        Skip.IfNot(TestLibrary.IsDirect, "NVIDIA's parser is given the CPU runtime's own network.");
        TensorRtLibrary rtx = RtxLibrary.LoadGoldenRelease();
        (string Name, float[] Values)[] theirs = Compute(model, feed, rtx.CreateParser);
        using NpzFile expected = NpzFile.Open(File.Exists(GoldenFiles.Path(golden)) ? GoldenFiles.Path(golden) : ModelFiles.FindOrSkip(golden));
        Assert.All(theirs, output => Compare(expected[set.StartsWith('_') ? output.Name + set : set + output.Name], output.Values, Tolerance, output.Name));
        foreach (((string ourName, float[] ours), (string theirName, float[] numbers)) in Compute(model, feed, TestLibrary.Current.CreateParser).Zip(theirs))
        {
            Assert.Equal(theirName, ourName);
            Compare(numbers, ours, EqualTolerance, ourName);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void LeNetWithTwoProfilesIsTheGolden(int profile, int images, string set)
    {
        using TestEngine test = new();
        using IExecutionContext context = LeNet(test, config =>
        {
            foreach ((long opt, long max) in ((long, long)[])[(20, 32), (1, 20)])
            {
                IOptimizationProfile range = test.Builder.CreateOptimizationProfile();
                range.SetDimensions("data", OptProfileSelector.Min, [1, 1, 28, 28]);
                range.SetDimensions("data", OptProfileSelector.Opt, [opt, 1, 28, 28]);
                range.SetDimensions("data", OptProfileSelector.Max, [max, 1, 28, 28]);
                config.AddOptimizationProfile(range);
            }
        }).CreateExecutionContext();
        context.SetOptimizationProfileAsync(profile, 0);
        using NpzFile expected = NpzFile.Open(GoldenFiles.Path("lenet_two_profiles.npz"));
        Compare(expected[$"{set}prob"], Digits(context, images), Tolerance, "prob");
    }

    [Theory]
    [InlineData(20, "set0.")]
    [InlineData(1, "set1.")]
    public void LeNetInHalfPrecisionIsTheGolden(int images, string set)
    {
        using TestEngine test = new();
        using IExecutionContext context = LeNet(test, config =>
        {
            config.SetFlag(BuilderFlag.FP16);
            AddProfile(test, config, "data", [images, 1, 28, 28]);
        }).CreateExecutionContext();
        using NpzFile expected = NpzFile.Open(GoldenFiles.Path("lenet_fp16.npz"));
        Compare(expected[$"{set}prob"], Digits(context, images), HalfTolerance, "prob");
    }

    private static (string Name, float[] Values)[] Compute(string model, string feed, Func<INetworkDefinition, ILogger, IParser> createParser)
    {
        string path = ModelFiles.FindOrSkip(model + ".onnx");
        using NpzFile inputs = NpzFile.Open(ModelFiles.FindOrSkip(model.Replace("_dynamic", string.Empty, StringComparison.Ordinal) + "_golden.npz"));
        string[] parts = feed.Split(':', '=');
        NpzArray data = inputs[parts[^2]];
        long rows = long.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture);
        Dims shape = Dims.Create([rows, .. data.Shape.Skip(1)]);

        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        using IParser parser = createParser(network, test.Log);
        parser.ParseFromFile(path, (int)Severity.Warning);
        ITensor input = network.GetInput(0);
        Assert.Equal(parts[0], input.Name);
        ICudaEngine engine = test.Load(test.Plan(network, config => AddProfile(test, config, input.Name, shape)));
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape(input.Name, shape);
        context.SetTensorAddress(input.Name, memory.Add(input.Type switch
        {
            DataType.Int64 => data.ToArray<long>(),
            DataType.Int32 => Array.ConvertAll(data.ToArray<long>(), value => checked((int)value)), // 8.x takes token numbers so
            _ => data.ToArray<float>(),
        }));
        (string Name, float[] Values)[] outputs = [.. Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput).Select(output =>
        {
            float[] values = new float[context.GetTensorShape(output.Name).Volume];
            context.SetTensorAddress(output.Name, memory.Add(values));
            return (output.Name, values);
        })];
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return outputs;
    }

    private static ICudaEngine LeNet(TestEngine test, Action<IBuilderConfig> configure)
    {
        INetworkDefinition network = test.Network();
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        return test.Load(test.Plan(network, configure));
    }

    private static void AddProfile(TestEngine test, IBuilderConfig config, string input, Dims shape)
    {
        IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
        profile.SetDimensions(input, OptProfileSelector.Min, shape);
        profile.SetDimensions(input, OptProfileSelector.Opt, shape);
        profile.SetDimensions(input, OptProfileSelector.Max, shape);
        config.AddOptimizationProfile(profile);
    }

    /// <summary>LeNet's answer for the first digits.</summary>
    private static float[] Digits(IExecutionContext context, int images)
    {
        using NpzFile inputs = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using PinnedBuffers memory = new();
        float[] prob = new float[images * 10];
        context.SetInputShape("data", [images, 1, 28, 28]);
        context.SetTensorAddress("data", memory.Add(inputs["data"].ToFloat32()));
        context.SetTensorAddress("prob", memory.Add(prob));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return prob;
    }

    private static void Compare(NpzArray right, float[] values, double tolerance, string name) => Compare(right.ToFloat32(), values, tolerance, name);

    private static void Compare(float[] wanted, float[] values, double tolerance, string name)
    {
        Assert.Equal(wanted.Length, values.Length);
        double range = wanted.Max() - wanted.Min();
        double worst = wanted.Zip(values, (a, b) => Math.Abs(a - (double)b)).Max();
        Assert.True(worst <= tolerance * range, $"{name}: the largest difference is {worst}, the range {range}");
    }
}

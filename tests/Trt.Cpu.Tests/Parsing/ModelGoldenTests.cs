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

    [SkippableTheory]
    [MemberData(nameof(Sets))]
    public void OutputsAreTheGoldens(string model, string feed, string golden, string set)
    {
        string path = ModelFiles.FindOrSkip(model + ".onnx");
        using NpzFile inputs = NpzFile.Open(ModelFiles.FindOrSkip(model.Replace("_dynamic", string.Empty, StringComparison.Ordinal) + "_golden.npz"));
        using NpzFile expected = NpzFile.Open(File.Exists(GoldenFiles.Path(golden)) ? GoldenFiles.Path(golden) : ModelFiles.FindOrSkip(golden));
        string[] parts = feed.Split(':', '=');
        NpzArray data = inputs[parts[^2]];
        long rows = long.Parse(parts[^1], System.Globalization.CultureInfo.InvariantCulture);
        Dims shape = Dims.Create([rows, .. data.Shape.Skip(1)]);

        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        parser.ParseFromFile(path, (int)Severity.Warning);
        ITensor input = network.GetInput(0);
        Assert.Equal(parts[0], input.Name);
        ICudaEngine engine = test.Load(test.Plan(network, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            profile.SetDimensions(input.Name, OptProfileSelector.Min, shape);
            profile.SetDimensions(input.Name, OptProfileSelector.Opt, shape);
            profile.SetDimensions(input.Name, OptProfileSelector.Max, shape);
            config.AddOptimizationProfile(profile);
        }));
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        context.SetInputShape(input.Name, shape);
        context.SetTensorAddress(input.Name, memory.Add(input.Type == DataType.Int64 ? data.ToArray<long>() : data.ToArray<float>()));
        (string Name, float[] Values)[] outputs = [.. Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput).Select(output =>
        {
            float[] values = new float[context.GetTensorShape(output.Name).Volume];
            context.SetTensorAddress(output.Name, memory.Add(values));
            return (output.Name, values);
        })];
        context.EnqueueV3(0);
        Assert.All(outputs, output =>
        {
            NpzArray right = expected[set.StartsWith('_') ? output.Name + set : set + output.Name];
            float[] wanted = right.ToArray<float>();
            Assert.Equal(wanted.Length, output.Values.Length);
            double range = wanted.Max() - wanted.Min();
            double worst = wanted.Zip(output.Values, (a, b) => Math.Abs(a - (double)b)).Max();
            Assert.True(worst <= Tolerance * range, $"{output.Name}: the largest difference is {worst}, the range {range}");
        });
    }
}

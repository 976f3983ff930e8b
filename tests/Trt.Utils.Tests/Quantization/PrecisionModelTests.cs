using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Quantization;

/// <summary>Models of every kind, converted to 16 bits: the CPU runtime computes what 32 bits say, within what 16 bits can, and NVIDIA's builder takes them.</summary>
[Collection(RtxCollection.Name)]
public class PrecisionModelTests
{
    /// <summary>Model, goldens, and for each input its name and golden; the tolerance is a share of an output's greatest magnitude, for halves.</summary>
    public static TheoryData<string, string, string, double> Models => new()
    {
        { "lenet.onnx", "lenet_golden.npz", "data=data", 2e-3 },
        { "unet.onnx", "unet_golden.npz", "image=image", 5e-3 },
        { "encoder.onnx", "encoder_golden.npz", "tokens=tokens", 5e-3 },
        { "charrnn.onnx", "charrnn_golden.npz", "tokens=tokens", 2e-3 },
        { "shapes_retinanet.onnx", "shapes_retinanet_golden.npz", "input_1=a_input_1", 1e-2 },
    };

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void In_halves_outputs_differ_by_what_halves_do(string model, string goldens, string inputs, double tolerance) => Compare(model, goldens, inputs, DataType.Half, tolerance);

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void In_brain_floats_outputs_differ_by_what_they_do(string model, string goldens, string inputs, double tolerance) => Compare(model, goldens, inputs, DataType.BF16, 8 * tolerance);

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void NVIDIAs_builder_takes_halves(string model, string goldens, string inputs, double tolerance) => Build(model, goldens, inputs, DataType.Half, tolerance);

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void NVIDIAs_builder_takes_brain_floats(string model, string goldens, string inputs, double tolerance) => Build(model, goldens, inputs, DataType.BF16, tolerance);

    private static void Compare(string model, string goldens, string inputs, DataType type, double tolerance)
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip(goldens));
        (string Name, Array Values, Dims Shape)[] feeds = Feeds(golden, inputs);
        using Rig exactly = new();
        Dictionary<string, float[]> exact = exactly.Run(exactly.Plan(exactly.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped: true), Config(exactly, feeds)), feeds);
        using Rig rig = new();
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped: true);
        PrecisionReport report = network.ConvertPrecision(type);
        Assert.NotEmpty(report.Converted);
        CheckTypes(network, type);
        Dictionary<string, float[]> results = rig.Run(rig.Plan(network, Config(rig, feeds)), feeds);
        Assert.True(!rig.Log.Errors.Any(), string.Join('\n', rig.Log.Errors));
        Assert.Equal(exact.Keys, results.Keys);
        foreach ((string name, float[] values) in results)
        {
            // Probabilities near zero are multiples of the least half, 2^-24.
            double most = exact[name].Zip(values, (right, mine) => Math.Max(Math.Abs((double)right - mine) - Math.Pow(2, -24), 0)).Max() / exact[name].Max(Math.Abs);
            Assert.NotEqual(exact[name], values);
            Assert.True(most < tolerance, $"{name} of {model} in {type} differs by {most:P4}.\n{report}");
        }
    }

    private static void Build(string model, string goldens, string inputs, DataType type, double tolerance)
    {
        Assert.True(tolerance > 0);
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip(goldens));
        using Rig rig = new(RtxLibrary.Load());
        INetworkDefinition network = rig.Parsed(ModelFiles.FindOrSkip(model), isStronglyTyped: true);
        network.ConvertPrecision(type);
        CheckTypes(network, type);
        IBuilderConfig config = Config(rig, Feeds(golden, inputs));
        RtxLibrary.Target(config);
        Assert.NotEmpty(rig.Plan(network, config));
    }

    /// <summary>Inputs and outputs are as they were, and the layers that matter compute in the type.</summary>
    private static void CheckTypes(INetworkDefinition network, DataType type)
    {
        for (int i = 0; i < network.NbOutputs; i++)
        {
            Assert.Equal(DataType.Float, network.GetOutput(i).Type);
        }

        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            if (layer is IConvolutionLayer or IMatrixMultiplyLayer || (layer is IDeconvolutionLayer && type == DataType.Half))
            {
                Assert.True(layer.GetOutput(0).Type == type, $"{layer.Name} is {layer.GetOutput(0).Type}");
            }
            else if (layer is ISoftMaxLayer or INormalizationLayer)
            {
                Assert.True(layer.GetOutput(0).Type == DataType.Float, $"{layer.Name} is {layer.GetOutput(0).Type}");
            }
        }
    }

    private static (string Name, Array Values, Dims Shape)[] Feeds(NpzFile golden, string inputs) =>
    [
        .. inputs.Split(' ').Select(input => input.Split('=')).Select(pair => (pair[0], golden[pair[1]].DType == NpzDType.Int64 ? golden[pair[1]].ToArray<long>() : (Array)golden[pair[1]].ToFloat32(), new Dims(golden[pair[1]].Shape.AsSpan()))),
    ];

    private static IBuilderConfig Config(Rig rig, (string Name, Array Values, Dims Shape)[] feeds)
    {
        IBuilderConfig config = rig.Config();
        rig.Profile(config, [.. feeds.Select(feed => (feed.Name, feed.Shape, feed.Shape))]);
        return config;
    }
}

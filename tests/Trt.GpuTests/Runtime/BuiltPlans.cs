using Trt.Interop;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Plans that the library builds itself, once each.</summary>
/// <param name="part">Has the library and the model.</param>
internal sealed class BuiltPlans(PartContext part) : IPlanSource
{
    private static readonly ShapeRange Wide = new([1, 1, 28, 28], [20, 1, 28, 28], [32, 1, 28, 28]);
    private static readonly ShapeRange Narrow = new([1, 1, 28, 28], [20, 1, 28, 28], [20, 1, 28, 28]);

    private byte[]? leNet;
    private byte[]? twoProfiles;
    private byte[]? nonZero;

    public bool TakesCallbacks => true;

    public byte[] LeNet => leNet ??= Build(new BuildOptions { Profiles = [new ShapeProfile { ["data"] = Wide }] });

    public byte[] TwoProfiles => twoProfiles ??= Build(new BuildOptions { Profiles = [new ShapeProfile { ["data"] = Wide }, new ShapeProfile { ["data"] = Narrow }] });

    public byte[] NonZero => nonZero ??= Build(network =>
    {
        ITensor x = network.AddInput("x", DataType.Float, [-1, 8]);
        ITensor indices = network.AddNonZero(x).GetOutput(0);
        indices.Name = "indices";
        ITensor neg = network.AddUnary(x, UnaryOperation.Neg).GetOutput(0);
        neg.Name = "neg";
        network.MarkOutput(indices);
        network.MarkOutput(neg);
    });

    public (float[] Values, float Tolerance) LeNetAnswers(int set)
    {
        using NpzFile golden = NpzFile.Open(part.Files.Find("lenet_golden.npz"));
        return (golden["prob"].ToFloat32()[..(set == 0 ? 200 : 10)], 1e-4f);
    }

    public IRuntime CreateRuntime(TensorRtLibrary library, ILogger logger) => library.CreateInferRuntime(logger);

    /// <summary>LeNet with other options.</summary>
    public byte[] Build(BuildOptions options)
    {
        EngineBuilder builder = new(part.Library, part.Checks.Logger());
        using BuiltEngine built = builder.Build(part.Files.Find("lenet.onnx"), (options.Profiles.Count > 0 ? options : options with { Profiles = [new ShapeProfile { ["data"] = Wide }] }) with { TF32 = false });
        return built.Plan.AsSpan().ToArray();
    }

    private byte[] Build(Action<INetworkDefinition> define)
    {
        EngineBuilder builder = new(part.Library, part.Checks.Logger());
        using BuiltEngine built = builder.Build(define, new BuildOptions { Profiles = [new ShapeProfile { ["x"] = new ShapeRange([1, 8], [4, 8], [4, 8]) }] });
        return built.Plan.AsSpan().ToArray();
    }
}

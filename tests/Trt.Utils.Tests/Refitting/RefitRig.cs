using Trt.Interop;
using Trt.Utils.Tests.Inference;
using Xunit;

namespace Trt.Utils.Tests.Refitting;

/// <summary>LeNet engines that can be refitted, and what TensorRT 8.6.0 computed after the same refits.</summary>
internal sealed class RefitRig(string? release) : IDisposable
{
    private readonly RunnerRig rig = new(release);
    private readonly WeightsMap checkpoint = WeightsMap.Open(ModelFiles.Find("lenet.pth"));

    public RunnerRig Rig => rig;

    /// <summary>The weights that the goldens call original.</summary>
    public WeightsMap Original => checkpoint;

    /// <summary>All weights halved, in memory.</summary>
    public WeightsMap Halved => WeightsMap.From(checkpoint.Names.ToDictionary(name => name, Half));

    public TorchTensor Half(string name)
    {
        TorchTensor tensor = checkpoint[name].Tensor;
        return TorchTensor.FromArray(Array.ConvertAll(tensor.ToFloat32(), value => value / 2), tensor.Shape.AsSpan());
    }

    public INetworkDefinition Network(WeightsMap weights)
    {
        INetworkDefinition network = rig.Network();
        new LeNet().Define(network, weights);
        return network;
    }

    /// <summary>An engine for up to 20 digits, of PyTorch's names.</summary>
    public ICudaEngine Engine(params ReadOnlySpan<BuilderFlag> flags) => rig.Load(Plan(Network(checkpoint), "", flags));

    /// <summary>An engine out of lenet.onnx.</summary>
    public ICudaEngine OnnxEngine(params ReadOnlySpan<BuilderFlag> flags)
    {
        INetworkDefinition network = rig.Network();
        using Interop.NvOnnxParser.IParser parser = rig.Library.CreateParser(network, rig.Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        return rig.Load(Plan(network, "data", flags));
    }

    public byte[] Plan(INetworkDefinition network, string input, params ReadOnlySpan<BuilderFlag> flags)
    {
        using IBuilderConfig config = rig.Builder.CreateBuilderConfig();
        foreach (BuilderFlag flag in flags)
        {
            config.SetFlag(flag);
        }

        ITensor data = network.GetInput(0);
        IOptimizationProfile profile = rig.Builder.CreateOptimizationProfile();
        foreach (OptProfileSelector point in Enum.GetValues<OptProfileSelector>())
        {
            profile.SetDimensions(data.Name, point, [20, 1, 28, 28]);
        }

        Assert.True(input.Length == 0 || data.Name == input);
        config.AddOptimizationProfile(profile);
        return rig.Plan(network, config);
    }

    public Trt.Utils.Refitting Refit(ICudaEngine engine) => rig.Own(new Trt.Utils.Refitting(engine, rig.Library, rig.Log));

    /// <summary>The engine computes what TensorRT did in a state: <c>original.</c> or <c>halved.</c>.</summary>
    public void Check(ICudaEngine engine, string state, float tolerance = 2e-4f)
    {
        float[] expected = RunnerRig.Golden("lenet_refit.npz", $"{state}set0.prob");
        float[] actual = new float[200];
        rig.Runner(engine).Run<float, float>(RunnerRig.Digits(20), actual);
        float worst = expected.Zip(actual, (right, mine) => Math.Abs(right - mine)).Max();
        Assert.True(worst < tolerance * (expected.Max() - expected.Min()), $"state {state}: the largest difference is {worst}");
    }

    public void Dispose()
    {
        rig.Dispose();
        checkpoint.Dispose();
    }
}

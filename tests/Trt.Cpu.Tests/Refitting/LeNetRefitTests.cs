using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests.Refitting;

/// <summary>LeNet's weights halved and put back, against what TensorRT 8.6.0 computed after the same refits.</summary>
public class LeNetRefitTests
{
    private static readonly string[] Names = ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"];

    [Fact]
    public void ThreeStatesByName()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Assert.True(engine.IsRefittable);
        Assert.Equal(Names.Order(StringComparer.Ordinal), refitter.GetAllWeights().Order(StringComparer.Ordinal));
        Assert.Equal(8, refitter.GetAll().Length);
        Assert.Empty(refitter.GetMissing());
        Check(context, "");
        Refit(refitter, file, 0.5f);
        Check(context, "halved.");
        Refit(refitter, file, 1);
        Check(context, "original.");
        Assert.Empty(test.Log.Errors);
    }

    [Fact]
    public void HalvingByLayerAndRole()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, BuilderFlag.Refit));
        using IExecutionContext context = engine.CreateExecutionContext();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        (string LayerName, WeightsRole Role)[] all = [.. refitter.GetAll().OrderBy(entry => NumberOf(entry.LayerName)).ThenBy(entry => entry.Role)];
        Assert.Equal([WeightsRole.Kernel, WeightsRole.Bias, WeightsRole.Kernel, WeightsRole.Bias], all[..4].Select(entry => entry.Role));
        Assert.All(all[4..], entry => Assert.Equal(WeightsRole.Constant, entry.Role));
        for (int i = 0; i < all.Length; i++)
        {
            refitter.SetWeights(all[i].LayerName, all[i].Role, Scaled(file, Names[i], 0.5f));
        }

        refitter.RefitCudaEngine();
        Check(context, "halved.");
    }

    [Fact]
    public void RefittedEngineSerializesItsNewWeights()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, BuilderFlag.Refit));
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Refit(refitter, file, 0.5f);
        using IHostMemory plan = engine.Serialize();
        using ICudaEngine again = test.Load(plan.AsSpan());
        using IExecutionContext context = again.CreateExecutionContext();
        Assert.True(again.IsRefittable);
        Check(context, "halved.");
    }

    [Theory]
    [InlineData(BuilderFlag.Refit)]
    [InlineData(BuilderFlag.RefitIdentical)]
    [InlineData(null)]
    public void StrippedPlanRunsOnceItsWeightsAreBack(BuilderFlag? flag)
    {
        using TestEngine test = new();
        byte[] whole = Plan(test, BuilderFlag.Refit);
        byte[] stripped = flag is { } other ? Plan(test, BuilderFlag.StripPlan, other) : Plan(test, BuilderFlag.StripPlan);
        using TorchStateDict file = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        long bytes = Names.Sum(name => file[name].ToFloat32().LongLength * 4);
        Assert.InRange(whole.LongLength - stripped.LongLength, bytes, bytes + 2000);
        using ICudaEngine engine = test.Load(stripped);
        Assert.Equal(bytes, engine.GetEngineStat(EngineStat.TotalWeightsSize));
        Assert.Equal(bytes, engine.GetEngineStat(EngineStat.StrippedWeightsSize));
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Contains("Refit the engine first", Assert.Throws<TensorRtException>(() => Run(context, 20)).Message, StringComparison.Ordinal);
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        Assert.Equal(8, refitter.GetMissingWeights().Length);
        refitter.SetNamedWeights("conv1.bias", Scaled(file, "conv1.bias", 1));
        Assert.Equal(7, refitter.GetMissing().Length);
        string message = Assert.Throws<TensorRtException>(refitter.RefitCudaEngine).Message;
        Assert.Contains("(Unnamed Layer* 0) [Convolution]:kernel", message, StringComparison.Ordinal);
        Refit(refitter, file, 1);
        Check(context, "original.");
        Assert.Empty(refitter.GetMissing());

        using IHostMemory plain = engine.Serialize();
        using ICudaEngine full = test.Load(plain.AsSpan());
        Assert.False(full.IsRefittable);
        using IExecutionContext fullContext = full.CreateExecutionContext();
        Check(fullContext, "original.");
        using ISerializationConfig config = engine.CreateSerializationConfig();
        config.SetFlag(SerializationFlag.IncludeRefit);
        using IHostMemory refittable = engine.SerializeWithConfig(config);
        Assert.True(test.Load(refittable.AsSpan()).IsRefittable);
        config.SetFlag(SerializationFlag.ExcludeWeights);
        using IHostMemory empty = engine.SerializeWithConfig(config);
        Assert.Equal(stripped.Length, (int)empty.Size);
    }

    [Fact]
    public void OnlyMarkedWeightsAreExchangeableWithIndividualRefit()
    {
        using TestEngine test = new();
        INetworkDefinition network = Network(test);
        network.MarkWeightsRefittable("conv2.weight");
        network.MarkWeightsRefittable("fc1.bias");
        network.UnmarkWeightsRefittable("fc1.bias");
        Assert.True(network.AreWeightsMarkedRefittable("conv2.weight"));
        Assert.False(network.AreWeightsMarkedRefittable("fc1.bias"));
        Assert.Throws<TensorRtException>(() => network.MarkWeightsRefittable("conv9.weight"));
        using ICudaEngine engine = test.Load(test.Plan(network, config => config.SetFlag(BuilderFlag.RefitIndividual)));
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        Assert.Equal(["conv2.weight"], refitter.GetAllWeights());
        Assert.Equal(-1, refitter.GetWeightsPrototype("conv1.weight").Count);
        Assert.Equal(50 * 20 * 25, refitter.GetWeightsPrototype("conv2.weight").Count);
    }

    internal static byte[] Plan(TestEngine test, params BuilderFlag[] flags) => test.Plan(Network(test), config => Array.ForEach(flags, config.SetFlag));

    internal static void Refit(IRefitter refitter, TorchStateDict file, float factor)
    {
        foreach (string name in Names)
        {
            refitter.SetNamedWeights(name, Scaled(file, name, factor));
        }

        refitter.RefitCudaEngine();
    }

    internal static Weights Scaled(TorchStateDict file, string name, float factor) => Weights.From(Array.ConvertAll(file[name].ToFloat32(), value => value * factor));

    internal static void Check(IExecutionContext context, string state)
    {
        using NpzFile golden = NpzFile.Open(GoldenFiles.Path("lenet_refit.npz"));
        float[] expected = golden[$"{state}set0.prob"].ToFloat32();
        float[] prob = Run(context, 20);
        float worst = prob.Zip(expected, (mine, right) => Math.Abs(mine - right)).Max();
        Assert.True(worst < 2e-4 * (expected.Max() - expected.Min()), $"state \"{state}\": the largest difference is {worst}");
    }

    private static float[] Run(IExecutionContext context, int digits)
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using PinnedBuffers memory = new();
        float[] prob = new float[digits * 10];
        context.SetTensorAddress("data", memory.Add(file["data"].ToFloat32()[..(digits * 784)]));
        context.SetTensorAddress("prob", memory.Add(prob));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return prob;
    }

    /// <summary>N of "(Unnamed Layer* N) [Kind]".</summary>
    private static int NumberOf(string layer) => int.Parse(layer["(Unnamed Layer* ".Length..layer.IndexOf(')', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);

    private static INetworkDefinition Network(TestEngine test)
    {
        INetworkDefinition network = test.Network();
        LeNet.Define(network, 20);
        Queue<string> names = new(Names);
        for (int i = 0; i < network.NbLayers; i++)
        {
            if (network.GetLayer(i) is IConvolutionLayer convolution)
            {
                network.SetWeightsName(convolution.KernelWeights, names.Dequeue());
                network.SetWeightsName(convolution.BiasWeights, names.Dequeue());
            }
            else if (network.GetLayer(i) is IConstantLayer constant)
            {
                network.SetWeightsName(constant.Weights, names.Dequeue());
            }
        }

        return network;
    }
}

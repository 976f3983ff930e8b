using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>The same calls, to NVIDIA's own builder and to the CPU runtime.</summary>
public sealed class NativeLibraryTests
{
    [SkippableFact]
    public void EveryTensorOfLeNetHasTheNameShapeAndTypeThatNvidiasBuilderGivesIt()
    {
        string? folder = Environment.GetEnvironmentVariable("TRT_RTX_LIBRARY_DIR");
        Skip.If(string.IsNullOrEmpty(folder), "TRT_RTX_LIBRARY_DIR names no folder with TensorRT-RTX 1.6");
        List<string> theirs = Describe(TensorRt.Load(folder!).CreateInferBuilder(new CollectingLogger()));
        List<string> ours = Describe(CpuRuntime.Provider.CreateInferBuilder(new CollectingLogger()));
        Assert.True(theirs.Count >= 17, $"{theirs.Count} tensors");
        Assert.Equal(theirs, ours);
    }

    private static List<string> Describe(IBuilder builder)
    {
        using IBuilder owned = builder;
        using TorchStateDict weights = TorchStateDict.Open(Checkout.Path("models", "lenet.pth"));
        // RTX is always strongly typed.
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        HelloNetwork.LeNet.Define(network, weights);
        List<string> tensors = [Describe(network.GetInput(0))];
        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                tensors.Add($"{layer.Name} {layer.Type}: {Describe(layer.GetOutput(output))}");
            }
        }

        return tensors;
    }

    private static string Describe(ITensor tensor) => $"{tensor.Name} {tensor.Dimensions} {tensor.Type}";
}

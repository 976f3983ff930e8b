using Trt.Interop;

namespace Trt.Utils.Tests.Engines;

/// <summary>y = relu(x) for x of 1x3x8x8, built by any library.</summary>
internal static class TinyNetwork
{
    /// <summary>The plan.</summary>
    /// <param name="library">Builds it.</param>
    /// <param name="configure">Changes the settings.</param>
    public static byte[] Build(TensorRtLibrary library, Action<IBuilderConfig>? configure = null)
    {
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        network.Name = "tiny";
        ITensor y = network.AddActivation(network.AddInput("x", DataType.Float, [1, 3, 8, 8]), ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IBuilderConfig config = builder.CreateBuilderConfig();
        if (library.Flavour == Flavour.TensorRTRtx)
        {
            RtxLibrary.Target(config);
        }

        configure?.Invoke(config);
        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    /// <summary>The CPU runtime.</summary>
    public static TensorRtLibrary Cpu()
    {
        Trt.Cpu.CpuRuntime.Register();
        return TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
    }
}

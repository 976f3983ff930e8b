using Trt.Interop;

namespace Trt.Utils.Tests.Processes;

/// <summary>What a process does with calibrations.</summary>
internal static class QuantizationChildren
{
    /// <summary>Calibrates for a library without calibrators where no CPU runtime is registered.</summary>
    public static int WithoutCpuRuntime(string folder)
    {
        TensorRtLibrary library = TensorRt.Load(folder);
        using IBuilder builder = library.CreateInferBuilder(new DelegateLogger((_, _) => { }));
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [1, 2]), ActivationType.Relu).GetOutput(0));
        using IBuilderConfig config = builder.CreateBuilderConfig();
        using Int8Calibration calibration = Int8Calibration.FromBatches([CalibrationTensor.From([1f, 2], 1, 2)]);
        try
        {
            calibration.Apply(builder, network, config, library);
            return 1;
        }
        catch (NotSupportedException error)
        {
            ChildProgram.Tell(error.Message);
            return 0;
        }
    }
}

using System.Text;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Xunit;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>Calibration of models/lenet.onnx as the parser defines it.</summary>
public class ParsedCalibrationTests
{
    [Fact]
    public void TensorsThatBothNameHaveNvidiasScales()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        using DigitCalibrator calibrator = DigitCalibrator.Of("minmax");
        test.Plan(network, config =>
        {
            OnnxLeNet.AddProfile(test.Builder, config);
            CalibrationTests.Configure(config, calibrator);
        });
        Dictionary<string, float> ours = CalibrationCache.Read(Encoding.UTF8.GetBytes(calibrator.Written)).Scales.ToDictionary(entry => entry.Tensor, entry => entry.Scale);
        (string Tensor, float Scale)[] common = [.. CalibrationCache.Read(CalibrationTests.Golden("minmax")).Scales.Where(entry => ours.ContainsKey(entry.Tensor))];
        Assert.Superset(
            new HashSet<string>(["data", "/conv1/Conv_output_0", "/MaxPool_output_0", "/conv2/Conv_output_0", "/MaxPool_1_output_0", "/Reshape_output_0", "/fc1/Gemm_output_0", "/Relu_output_0", "/fc2/Gemm_output_0", "prob"]),
            common.Select(entry => entry.Tensor).ToHashSet());
        Assert.All(common, entry => Assert.Equal(1, ours[entry.Tensor] / entry.Scale, 1e-4));
    }
}

using System.Text;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Xunit;

namespace Trt.Cpu.Tests.Calibration;

/// <summary>Calibration of models/lenet.onnx as the parser defines it.</summary>
public class ParsedCalibrationTests
{
    [Theory]
    [MemberData(nameof(CalibrationTests.Kinds), MemberType = typeof(CalibrationTests))]
    public void TensorsThatBothNameHaveNvidiasScales(string kind)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        using DigitCalibrator calibrator = DigitCalibrator.Of(kind);
        test.Plan(network, config =>
        {
            OnnxLeNet.AddProfile(test.Builder, config);
            CalibrationTests.Configure(config, calibrator);
        });
        Dictionary<string, float> ours = CalibrationCache.Read(Encoding.UTF8.GetBytes(calibrator.Written)).Scales.ToDictionary(entry => entry.Tensor, entry => entry.Scale);
        IReadOnlyList<(string Tensor, float Scale)> golden = CalibrationCache.Read(CalibrationTests.Golden(kind)).Scales;
        (string Tensor, float Scale)[] common = [.. golden.Where(entry => ours.ContainsKey(entry.Tensor))];
        string[] named = ["data", "/conv1/Conv_output_0", "/MaxPool_output_0", "/conv2/Conv_output_0", "/MaxPool_1_output_0", "/Reshape_output_0", "/fc1/Gemm_output_0", "/Relu_output_0", "/fc2/Gemm_output_0", "prob"];
        Assert.Superset(golden.Select(entry => entry.Tensor).Intersect(named).ToHashSet(), common.Select(entry => entry.Tensor).ToHashSet());

        // NVIDIA's parser gives the constants and the unnamed layers their names too.
        Assert.True(TestLibrary.IsCpu || common.Length == golden.Count, calibrator.Written);
        double[] differences = [.. common.Select(entry => Math.Abs((ours[entry.Tensor] / entry.Scale) - 1))];

        // Min-max and the legacy algorithm follow from the numbers alone; the entropy search has shallow minima, which the last bits of a run decide.
        (double most, double all) = kind is "minmax" or "legacy" ? (1e-4, 1e-4) : (0.05, 0.15);
        Assert.True(differences.Max() < all && differences.Count(difference => difference < most) >= 0.8 * differences.Length, calibrator.Written);
    }
}

using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;
using Trt.Tests.Goldens;
using Trt.Utils;
using Xunit;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>An engine refitted with the weights of ONNX files, against what TensorRT 8.6.0 computed after the same refits.</summary>
public class ParserRefitterTests
{
    private const int Images = 20;

    [Fact]
    public void LeNetTakesTheWeightsOfAnotherFileAndItsOwnBack()
    {
        using NpzFile golden = NpzFile.Open(GoldenFiles.Path("lenet_refit.npz"));
        byte[] original = File.ReadAllBytes(ModelFiles.Find("lenet.onnx"));
        using TestEngine test = new();
        ICudaEngine engine = Engine(test, original);
        Assert.True(Worst(engine, golden["set0.prob"]) < 1e-3);

        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(engine, test.Log);
        using IParserRefitter parser = TestLibrary.Current.CreateParserRefitter(refitter, test.Log);
        parser.RefitFromBytes(Halved(original));
        refitter.RefitCudaEngine();
        Assert.True(Worst(engine, golden["halved.set0.prob"]) < 1e-3);

        parser.RefitFromFile(ModelFiles.Find("lenet.onnx"));
        refitter.RefitCudaEngine();
        Assert.True(Worst(engine, golden["original.set0.prob"]) < 1e-3);
        Assert.Equal(0, parser.NbErrors);
    }

    [Fact]
    public void AFileWithoutTheWeightsIsAnErrorThatNamesThem()
    {
        byte[] original = File.ReadAllBytes(ModelFiles.Find("lenet.onnx"));
        using TestEngine test = new();
        using IRefitter refitter = TestLibrary.Current.CreateInferRefitter(Engine(test, original), test.Log);
        using IParserRefitter parser = TestLibrary.Current.CreateParserRefitter(refitter, test.Log);
        ModelProto model = ModelProto.Parser.ParseFrom(original);
        model.Graph.Initializer.Single(tensor => tensor.Name == "fc2.weight").Name = "other";

        TensorRtException refused = Assert.Throws<TensorRtException>(() => parser.RefitFromBytes(model.ToByteArray()));

        Assert.Contains("fc2.weight", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ParseCode.RefitFailed, parser.GetError(0).Code);
        parser.ClearErrors();
        Assert.Throws<TensorRtException>(() => parser.RefitFromBytes([1, 2, 3]));
        Assert.Equal(ParseCode.ModelDeserializeFailed, parser.GetError(0).Code);
    }

    private static ICudaEngine Engine(TestEngine test, byte[] model)
    {
        INetworkDefinition network = test.Network();
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        parser.Parse(model);
        return test.Load(test.Plan(network, config =>
        {
            config.SetFlag(BuilderFlag.Refit);
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            foreach (OptProfileSelector select in (OptProfileSelector[])[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
            {
                profile.SetDimensions("data", select, [Images, 1, 28, 28]);
            }

            config.AddOptimizationProfile(profile);
        }));
    }

    /// <summary>The model with all its weights and biases halved.</summary>
    private static byte[] Halved(byte[] bytes)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(bytes);
        foreach (TensorProto tensor in model.Graph.Initializer.Where(tensor => tensor.DataType == 1))
        {
            float[] values = MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(Array.ConvertAll(values, value => value / 2).AsSpan()));
        }

        return model.ToByteArray();
    }

    private static double Worst(ICudaEngine engine, NpzArray expected)
    {
        using NpzFile inputs = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers memory = new();
        float[] result = new float[Images * 10];
        context.SetInputShape("data", [Images, 1, 28, 28]);
        context.SetTensorAddress("data", memory.Add(inputs["data"].ToArray<float>()[..(Images * 784)]));
        context.SetTensorAddress("prob", memory.Add(result));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return result.Zip(expected.ToArray<float>(), (mine, right) => Math.Abs(mine - (double)right)).Max();
    }
}

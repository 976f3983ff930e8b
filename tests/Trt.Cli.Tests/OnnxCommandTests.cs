using System.Text.Json;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests;

public class OnnxCommandTests : Scratch
{
    [Fact]
    public void Simplifying_folds_batch_normalization_and_compares()
    {
        // U-Net has 10 batch normalizations, each behind a convolution, and nothing else to fold.
        Ran ran = Ran.Trt("onnx", "simplify", ModelFiles.Find("unet.onnx"), "-o", PathOf("u.onnx"), "--json");
        Assert.Equal(0, ran.ExitCode);
        Assert.Equal((37, 27, 3), (ran.Json.GetProperty("nodesBefore").GetInt32(), ran.Json.GetProperty("nodesAfter").GetInt32(), ran.Json.GetProperty("comparedRuns").GetInt32()));
        Assert.Equal([10, 0], ran.Json.GetProperty("operators").GetProperty("BatchNormalization").EnumerateArray().Select(count => count.GetInt32()));
        using OnnxModel model = OnnxModel.Load(PathOf("u.onnx"));
        Assert.Equal(27, model.Nodes.Count);
    }

    [Fact]
    public void Passes_run_by_their_names()
    {
        Assert.Equal(27, Ran.Trt("onnx", "optimize", ModelFiles.Find("unet.onnx"), "-o", PathOf("u.onnx"), "--passes", "fuse_bn_into_conv", "--check", "--json").Json.GetProperty("nodesAfter").GetInt32());
        Assert.Contains("fuse_bn_into_con", Ran.Trt("onnx", "optimize", ModelFiles.Find("unet.onnx"), "-o", PathOf("v.onnx"), "--passes", "fuse_bn_into_con").Refusal(), StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("v.onnx")));
    }

    [Fact]
    public void A_part_is_cut_out_and_computes_the_same()
    {
        CpuRuntime.Register();
        Assert.Equal(0, Ran.Trt("onnx", "extract", ModelFiles.Find("lenet.onnx"), "-o", PathOf("tail.onnx"), "--inputs", "/fc2/Gemm_output_0").ExitCode);
        using IOnnxSession tail = TensorRt.OpenOnnx(PathOf("tail.onnx"));
        float[] scores = [.. Enumerable.Range(0, 10).Select(i => (float)i)];
        float[] prob = tail.Run(new Dictionary<string, OnnxTensor> { ["/fc2/Gemm_output_0"] = OnnxTensor.From(scores, 1, 10) })["prob"].ToArray<float>();

        // The tail is LogSoftmax: x - log(sum of exp(x)).
        double sum = Math.Log(scores.Sum(score => Math.Exp(score)));
        Assert.All(scores.Zip(prob), pair => Assert.Equal(pair.First - sum, pair.Second, 5));
        Assert.Contains("no-such-tensor", Ran.Trt("onnx", "extract", ModelFiles.Find("lenet.onnx"), "-o", PathOf("x.onnx"), "--outputs", "no-such-tensor").Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_and_batches_are_set()
    {
        Assert.Equal("data: Float [8, 1, 28, 28]", Inputs("set-shape", "--batch", "8"));
        Assert.Equal("data: Float [batch, 1, 28, 28]", Inputs("set-shape", "--shape", "data:batch,1,28,28"));
        Assert.Equal("data: Float [4, 1, 28, 28]", Inputs("set-shape", "--shape", "data:4x1x28x28"));
        Assert.Contains("--shape NAME:DIMS", Ran.Trt("onnx", "set-shape", ModelFiles.Find("lenet.onnx"), "-o", PathOf("x.onnx")).Refusal(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("no-such", Ran.Trt("onnx", "set-shape", ModelFiles.Find("lenet.onnx"), "-o", PathOf("x.onnx"), "--shape", "no-such:1").Refusal(), StringComparison.Ordinal);

        string Inputs(params string[] arguments)
        {
            Assert.Equal(0, Ran.Trt(["onnx", arguments[0], ModelFiles.Find("lenet.onnx"), "-o", PathOf("shaped.onnx"), .. arguments[1..]]).ExitCode);
            using OnnxModel model = OnnxModel.Load(PathOf("shaped.onnx"));
            return Assert.Single(model.Inputs).ToString();
        }
    }

    [Fact]
    public void Operator_sets_are_converted_and_types_inferred()
    {
        Assert.Equal(0, Ran.Trt("onnx", "convert-opset", ModelFiles.Find("lenet.onnx"), "-o", PathOf("o.onnx"), "--opset", "13").ExitCode);
        using OnnxModel model = OnnxModel.Load(PathOf("o.onnx"));
        Assert.Equal(13, model.Opsets[string.Empty]);
        Assert.Contains("99", Ran.Trt("onnx", "convert-opset", ModelFiles.Find("lenet.onnx"), "-o", PathOf("p.onnx"), "--opset", "99").Refusal(), StringComparison.Ordinal);
        Assert.Equal(0, Ran.Trt("onnx", "infer-shapes", ModelFiles.Find("lenet.onnx"), "-o", PathOf("s.onnx")).ExitCode);
    }

    [Fact]
    public void Weights_become_a_model()
    {
        Ran ran = Ran.Trt("onnx", "to-onnx", ModelFiles.Find("unet.pth"), "-o", PathOf("unet.onnx"), "--shape", "Nx3x64x64", "--opset", "15");
        Assert.Equal(0, ran.ExitCode);
        using OnnxModel model = OnnxModel.Load(PathOf("unet.onnx"));
        Assert.Equal(("input: Float [N, 3, 64, 64]", 15L), (Assert.Single(model.Inputs).ToString(), model.Opsets[string.Empty]));
        Assert.Contains("there are", Ran.Trt("onnx", "to-onnx", ModelFiles.Find("unet.pth"), "-o", PathOf("x.onnx"), "--architecture", "vgg").Refusal(ExitCode.Usage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_none_is_refused()
    {
        Assert.Contains("no file nowhere.onnx", Ran.Trt("onnx", "simplify", "nowhere.onnx", "-o", PathOf("x.onnx")).Refusal(), StringComparison.Ordinal);
        Assert.Contains("README.md", Ran.Trt("onnx", "simplify", Checkout.Path("README.md"), "-o", PathOf("x.onnx")).Refusal(), StringComparison.Ordinal);
    }
}

using Trt.Cpu;
using Trt.Interop;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Utils.Tests.Onnx;

public class SimplifyTests
{
    private readonly ITestOutputHelper output;

    public SimplifyTests(ITestOutputHelper output)
    {
        this.output = output;
        CpuRuntime.Register();
    }

    /// <summary>Nodes afterwards, at most; the first four are what onnxsim makes of them, but for the U-Net, where 27 is what its layers need.</summary>
    [SkippableTheory]
    [InlineData("lenet.onnx", 9)]
    [InlineData("unet.onnx", 27)]
    [InlineData("encoder.onnx", 112)]
    [InlineData("shapes_retinanet.onnx", 155)]
    [InlineData("shapes_retinanet_dynamic.onnx", 155)]
    [InlineData("charrnn.onnx", 11)]
    public void ModelsGetSmallerAndComputeTheSame(string name, int most)
    {
        string path = ModelFiles.FindOrSkip(name);
        using OnnxModel model = OnnxModel.Load(path);
        OnnxValueInfo[] inputs = [.. model.Inputs];
        Dictionary<string, long[]> shapes = name.Contains("dynamic", StringComparison.Ordinal) ? new() { ["input_1"] = [1, 3, 128, 256] } : [];
        OnnxOptimizeReport report = model.Simplify(new OnnxSimplifyOptions { Check = new OnnxCheckOptions { Count = 1, InputShapes = shapes, RelativeTolerance = 0 } });
        output.WriteLine(report.ToString());
        Assert.True(report.After.Total <= most, $"{report.After.Total} nodes");
        Assert.Equal(report.After.Total, model.Nodes.Count);
        Assert.Empty(report.Notes);
        Assert.Equal(1, report.ComparedRuns);
        Assert.Equal(inputs.Select(input => input.ToString()), model.Inputs.Select(input => input.ToString()));
    }

    /// <summary>The encoder with batches and lengths that the check did not see, against PyTorch's results.</summary>
    [SkippableFact]
    public void DynamicShapesStayDynamic()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("encoder_golden.npz"));
        using OnnxModel model = OnnxModel.Load(ModelFiles.FindOrSkip("encoder.onnx"));
        model.Simplify();
        using IOnnxSession session = TensorRt.OpenOnnx(model.ToArray());
        foreach (string kind in (string[])["", "_short", "_long"])
        {
            NpzArray tokens = golden["tokens" + kind];
            float[] logits = session.Run(new Dictionary<string, OnnxTensor> { ["tokens"] = OnnxTensor.From(tokens.ToArray<long>(), [.. tokens.Shape.Select(extent => (long)extent)]) })["logits"].ToArray<float>();
            Assert.True(logits.Zip(golden["logits" + kind].ToArray<float>(), (a, b) => Math.Abs(a - b)).Max() < 1e-4);
        }
    }

    [Fact]
    public void ConstantsAreComputedButNotQuantizersLotsAndLargeOnes()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Constant("w", [1f, -2f]).Scalar("s", 0.5f).Constant("big", [4096L, 4096])
            .Node("a = Abs(w)").Node("b = Sqrt(a)").Node("p = Mul(x, b)")
            .Node("q = QuantizeLinear(w, s)").Node("d = DequantizeLinear(q, s)").Node("r = Add(p, d)")
            .Node("n = RandomNormal()", ("shape", (long[])[2]), ("seed", 1f)).Node("z = Mul(n, w)")
            .Node("large = ConstantOfShape(big)").Node("first = ReduceSum(large)", ("keepdims", 0)).Node("t = Add(r, first)").Output("t").Output("z");
        using OnnxModel model = OnnxModel.Load(builder.Bytes());
        OnnxOptimizeReport report = model.Simplify();
        Assert.Equal("Add 2, ConstantOfShape 1, DequantizeLinear 1, Mul 2, QuantizeLinear 1, RandomNormal 1, ReduceSum 1", PassCase.Text(report.After));
        Assert.Equal(2, report.Folded);
        Assert.Equal([1f, MathF.Sqrt(2)], model.GetInitializer("b").ToArray<float>());
    }

    [Fact]
    public void AnOutputThatIsConstantKeepsANode()
    {
        using OnnxModel model = OnnxModel.Load(new OnnxBuilder().Constant("w", [1f, -2f]).Node("a = Abs(w)").Node("y = Neg(a)").Output("y").Bytes());
        model.Simplify();
        Assert.Equal(["Constant"], model.Nodes.Select(node => node.OpType));
        Assert.Equal([-1f, -2f], PassCase.Outputs(model.ToArray())["y"].ToArray<float>());
    }

    /// <summary>What TensorRT has as a plugin ONNX Runtime does not know: the rest is simplified and compared all the same.</summary>
    [Fact]
    public void UnknownOperatorsAreLeftAlone()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2, 3).Constant("w", [1f, -2f, 3f]).Node("v = Abs(w)").Node("a = Mul(x, v)").Node("b = Identity(a)")
            .Node("n, boxes, scores, classes = EfficientNMS_TRT(b, v)", ("score_threshold", 0.5f), ("iou_threshold", 0.5f), ("max_output_boxes", 10), ("background_class", -1), ("score_activation", 0), ("class_agnostic", 0), ("box_coding", 0), ("plugin_version", "1"))
            .Node("c = Identity(boxes)").Node("y = Relu(c)").Node("z = Neg(b)")
            .Node("m = Blend_TRT(scores, a)").Output("y", OnnxElementType.Float, 2).Output("n", OnnxElementType.Int32, 1).Output("z").Output("m", OnnxElementType.Float, 2);
        using OnnxModel model = OnnxModel.Load(builder.Bytes());
        OnnxOptimizeReport report = model.Simplify();
        Assert.Equal("Blend_TRT 1, EfficientNMS_TRT 1, Mul 1, Neg 1, Relu 1", PassCase.Text(report.After));
        Assert.Equal(["a", "v"], model.Nodes.Single(node => node.OpType == "EfficientNMS_TRT").Inputs);
        Assert.Contains("EfficientNMS_TRT", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.Equal(3, report.ComparedRuns);
    }

    [Fact]
    public void AChangedOutputIsFoundAndTheModelStaysAsItWas()
    {
        // 2¹²⁷ · 3 is infinite in single precision, and stays so; but a difference of 10⁻³ is asked to be none.
        byte[] bytes = new OnnxBuilder().Input("x", 1, 1, 3, 3).Constant("w", [.. OnnxBuilder.Numbers(9).Select(value => value * 1e6f)], 1, 1, 3, 3).Node("a = Conv(x, w)")
            .Constant("scale", [0.3333f]).Constant("shift", [0.7f]).Constant("mean", [1e5f]).Constant("variance", [0.123f]).Node("y = BatchNormalization(a, scale, shift, mean, variance)").Output("y").Bytes();
        using OnnxModel model = OnnxModel.Load(bytes);
        OnnxCheckOptions strict = new() { AbsoluteTolerance = 0, RelativeTolerance = 0 };
        OnnxCheckException error = Assert.Throws<OnnxCheckException>(() => model.Optimize(["fuse_bn_into_conv"], new OnnxOptimizeOptions { Check = strict }));
        Assert.Contains("fuse_bn_into_conv", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"y\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, model.Nodes.Count);
        Assert.Equal(bytes, model.ToArray());
        Assert.Single(model.Optimize(["fuse_bn_into_conv"], new OnnxOptimizeOptions { Check = new OnnxCheckOptions() }).After);
    }

    [Fact]
    public void InputsOfTheCheckCanBeGiven()
    {
        // Indices up to 6 are in range, but the check's own inputs have another length than the model needs.
        byte[] bytes = new OnnxBuilder().Input("i", OnnxElementType.Int64, "n").Constant("w", OnnxBuilder.Numbers(14), 7, 2).Constant("s", [4L, 2]).Node("a = Gather(w, i)").Node("b = Identity(a)").Node("y = Reshape(b, s)").Output("y").Bytes();
        using OnnxModel model = OnnxModel.Load(bytes);
        OnnxCheckException error = Assert.Throws<OnnxCheckException>(() => model.Simplify());
        Assert.Contains("i: Int64 [1]", error.Message, StringComparison.Ordinal);
        Assert.Contains("InputShapes", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Simplify(new OnnxSimplifyOptions { Check = new OnnxCheckOptions { InputShapes = new Dictionary<string, long[]> { ["j"] = [4] } } }));
        OnnxOptimizeReport report = model.Simplify(new OnnxSimplifyOptions { Check = new OnnxCheckOptions { InputShapes = new Dictionary<string, long[]> { ["i"] = [4] }, MakeInput = (_, dims, run) => OnnxTensor.From([.. Enumerable.Range(0, 4).Select(k => (long)(k + run) % 7)], dims) } });
        Assert.Equal("Gather 1, Reshape 1", PassCase.Text(report.After));
    }

    [Fact]
    public void TheReportIsATable()
    {
        using OnnxModel model = OnnxModel.Load(new OnnxBuilder().Input("x", 2).Node("a = Identity(x)").Node("b = Relu(a)").Node("y = com.microsoft:Gelu(b)").Output("y").Bytes());
        string[] lines = model.Simplify(new OnnxSimplifyOptions { Check = null }).ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["operator            before   after", "Identity                 1       0", "Relu                     1       1", "com.microsoft:Gelu       1       1", "all                      3       2"], lines);
    }

    [Fact]
    public void PassesThatThereAreNotAreNamedWithTheNearest()
    {
        using OnnxModel model = OnnxModel.Load(new OnnxBuilder().Input("x", 2).Node("y = Relu(x)").Output("y").Bytes());
        Assert.Contains("fuse_bn_into_conv", Assert.Throws<ArgumentException>(() => model.Optimize(["fuse_bn_in_conv"])).Message, StringComparison.Ordinal);
        Assert.Equal(24, OnnxPasses.Default.Count);
        Assert.All(OnnxPasses.All, name => Assert.NotEmpty(OnnxPasses.Describe(name)));
    }
}

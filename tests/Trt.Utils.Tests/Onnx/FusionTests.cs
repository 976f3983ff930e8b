using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public class FusionTests
{
    private static readonly PassCase[] Cases =
    [
        new("a number for each channel", "fuse_add_bias_into_conv", Conv().Constant("b", OnnxBuilder.Numbers(3), 3, 1, 1).Node("y = Add(a, b)").Output("y"), "Conv 1"),
        new("one number, on the left", "fuse_add_bias_into_conv", Conv().Scalar("b", 2f).Node("y = Add(b, a)").Output("y"), "Conv 1"),
        new("added to a bias", "fuse_add_bias_into_conv", Conv("c").Constant("c", OnnxBuilder.Numbers(3, 5)).Constant("b", OnnxBuilder.Numbers(3), 1, 3, 1, 1).Node("y = Add(a, b)").Output("y"), "Conv 1"),
        new("a number for each column", "fuse_add_bias_into_conv", Conv().Constant("b", OnnxBuilder.Numbers(3)).Node("y = Add(a, b)").Output("y"), "Add 1, Conv 1"),
        new("read elsewhere too", "fuse_add_bias_into_conv", Conv().Scalar("b", 2f).Node("y = Add(a, b)").Output("y").Node("z = Relu(a)").Output("z"), "Add 1, Conv 1, Relu 1"),
        new("not a constant", "fuse_add_bias_into_conv", Conv().Input("b", 3, 1, 1).Node("y = Add(a, b)").Output("y"), "Add 1, Conv 1"),
        new("larger than the result", "fuse_add_bias_into_conv", Conv().Constant("b", OnnxBuilder.Numbers(2), 2, 1, 1, 1, 1).Node("y = Add(a, b)").Output("y"), "Add 1, Conv 1"),
        new("of operator set 6", "fuse_add_bias_into_conv", Conv().Constant("b", OnnxBuilder.Numbers(3)).Node("y = Add(a, b)", ("broadcast", 1), ("axis", 1)).Output("y"), "Conv 1") { Opset = 6, IrVersion = 4, Runs = false },

        new("with and without a bias", "fuse_bn_into_conv", Norm(Norm(Conv("c").Constant("c", OnnxBuilder.Numbers(3, 5)), "a", "m")
            .Constant("w2", OnnxBuilder.Numbers(12, 9), 4, 3, 1, 1).Node("n = Conv(m, w2)"), "n", "y", channels: 4).Output("y"), "Conv 2"),
        new("of two groups", "fuse_bn_into_conv", Norm(new OnnxBuilder().Input("x", 1, 4, 5).Constant("w", OnnxBuilder.Numbers(24), 6, 2, 2).Node("a = Conv(x, w)", ("group", 2)), "a", "y", channels: 6).Output("y"), "Conv 1"),
        new("read elsewhere too", "fuse_bn_into_conv", Norm(Conv(), "a", "y").Output("y").Output("a"), "BatchNormalization 1, Conv 1"),
        new("with weights that are no constants", "fuse_bn_into_conv", Norm(new OnnxBuilder().Input("x", 1, 2, 5, 5).Input("w", 3, 2, 3, 3).Node("a = Conv(x, w)"), "a", "y").Output("y"), "BatchNormalization 1, Conv 1"),
        new("of operator set 9", "fuse_bn_into_conv", Norm(Conv(), "a", "y").Output("y"), "Conv 1") { Opset = 9 },

        new("of one axis", "fuse_consecutive_concats", Two().Node("a = Concat(x, z)", ("axis", 1)).Node("b = Neg(x)").Node("y = Concat(b, a, z)", ("axis", -1)).Output("y"), "Concat 1, Neg 1"),
        new("of two axes", "fuse_consecutive_concats", Two().Node("a = Concat(x, z)", ("axis", 0)).Node("y = Concat(a, a)", ("axis", 1)).Output("y"), "Concat 2"),
        new("three deep", "fuse_consecutive_concats", Two().Node("a = Concat(x, z)", ("axis", 0)).Node("b = Concat(a, x)", ("axis", 0)).Node("y = Concat(b, z)", ("axis", 0)).Output("y"), "Concat 1"),

        new("of an axis", "fuse_consecutive_log_softmax", X(2, 3).Node("a = Softmax(x)", ("axis", 0)).Node("y = Log(a)").Output("y"), "LogSoftmax 1"),
        new("read elsewhere too", "fuse_consecutive_log_softmax", X(2, 3).Node("a = Softmax(x)").Node("y = Log(a)").Output("y").Output("a"), "Log 1, Softmax 1"),

        new("axes as inputs", "fuse_consecutive_reduce_unsqueeze", X(2, 3, 4).Constant("r", [1L, -1]).Constant("u", [2L, 1]).Node("a = ReduceSum(x, r)", ("keepdims", 0)).Node("y = Unsqueeze(a, u)").Output("y"), "ReduceSum 1"),
        new("axes as attributes", "fuse_consecutive_reduce_unsqueeze", X(2, 3, 4).Node("a = ReduceMean(x)", ("axes", (long[])[1]), ("keepdims", 0)).Node("y = Unsqueeze(a)", ("axes", (long[])[1])).Output("y"), "ReduceMean 1") { Opset = 11 },
        new("axes of operator set 18", "fuse_consecutive_reduce_unsqueeze", X(2, 3, 4).Constant("r", [0L]).Node("a = ReduceMax(x, r)", ("keepdims", 0)).Node("y = Unsqueeze(a, r)").Output("y"), "ReduceMax 1") { Opset = 18 },
        new("other axes", "fuse_consecutive_reduce_unsqueeze", X(2, 3, 4).Constant("r", [1L]).Constant("u", [0L]).Node("a = ReduceSum(x, r)", ("keepdims", 0)).Node("y = Unsqueeze(a, u)").Output("y"), "ReduceSum 1, Unsqueeze 1"),
        new("kept axes", "fuse_consecutive_reduce_unsqueeze", X(2, 3, 4).Constant("r", [1L]).Node("a = ReduceSum(x, r)").Node("y = Unsqueeze(a, r)").Output("y"), "ReduceSum 1, Unsqueeze 1"),

        new("axes as inputs", "fuse_consecutive_squeezes", X(1, 2, 1, 3, 1).Constant("a1", [2L]).Constant("a2", [0L, -1]).Node("a = Squeeze(x, a1)").Node("y = Squeeze(a, a2)").Output("y"), "Squeeze 1"),
        new("axes as attributes", "fuse_consecutive_squeezes", X(1, 2, 1, 3, 1).Node("a = Squeeze(x)", ("axes", (long[])[0])).Node("y = Squeeze(a)", ("axes", (long[])[1, 3])).Output("y"), "Squeeze 1") { Opset = 11 },
        new("all axes", "fuse_consecutive_squeezes", X(1, 2, 1).Constant("a1", [2L]).Node("a = Squeeze(x, a1)").Node("y = Squeeze(a)").Output("y"), "Squeeze 2"),
        new("axes as inputs", "fuse_consecutive_unsqueezes", X(2, 3).Constant("a1", [1L]).Constant("a2", [0L, -1]).Node("a = Unsqueeze(x, a1)").Node("y = Unsqueeze(a, a2)").Output("y"), "Unsqueeze 1"),

        new("two permutations", "fuse_consecutive_transposes", X(2, 3, 4).Node("a = Transpose(x)", ("perm", (long[])[1, 2, 0])).Node("y = Transpose(a)", ("perm", (long[])[1, 0, 2])).Output("y"), "Transpose 1"),
        new("one that reverses", "fuse_consecutive_transposes", X(2, 3, 4).Node("a = Transpose(x)").Node("y = Transpose(a)", ("perm", (long[])[1, 0, 2])).Output("y"), "Transpose 1"),
        new("the first read elsewhere too", "fuse_consecutive_transposes", X(2, 3).Node("a = Transpose(x)").Node("y = Transpose(a)").Output("y").Output("a"), "Transpose 2"),

        new("a bias of columns", "fuse_matmul_add_bias_into_gemm", X(2, 3).Constant("w", OnnxBuilder.Numbers(12), 3, 4).Constant("b", OnnxBuilder.Numbers(4)).Node("a = MatMul(x, w)").Node("y = Add(a, b)").Output("y"), "Gemm 1"),
        new("a dynamic batch", "fuse_matmul_add_bias_into_gemm", X("N", 3).Constant("w", OnnxBuilder.Numbers(12), 3, 4).Constant("b", OnnxBuilder.Numbers(4), 1, 4).Node("a = MatMul(x, w)").Node("y = Add(b, a)").Output("y"), "Gemm 1"),
        new("three axes", "fuse_matmul_add_bias_into_gemm", X(2, 2, 3).Constant("w", OnnxBuilder.Numbers(12), 3, 4).Constant("b", OnnxBuilder.Numbers(4)).Node("a = MatMul(x, w)").Node("y = Add(a, b)").Output("y"), "Add 1, MatMul 1"),
        new("a bias that makes it larger", "fuse_matmul_add_bias_into_gemm", X(1, 3).Constant("w", OnnxBuilder.Numbers(12), 3, 4).Constant("b", OnnxBuilder.Numbers(8), 2, 4).Node("a = MatMul(x, w)").Node("y = Add(a, b)").Output("y"), "Add 1, MatMul 1"),

        new("pads as an input", "fuse_pad_into_conv", X(1, 2, 5, 5).Constant("p", [0L, 0, 1, 2, 0, 0, 3, 0]).Constant("w", OnnxBuilder.Numbers(54), 3, 2, 3, 3).Node("a = Pad(x, p)").Node("y = Conv(a, w)", ("pads", (long[])[1, 0, 1, 0])).Output("y"), "Conv 1"),
        new("pads of some axes", "fuse_pad_into_conv", X(1, 2, 5, 5).Constant("p", [1L, 2]).Scalar("v", 0f).Constant("axes", [-1L]).Constant("w", OnnxBuilder.Numbers(54), 3, 2, 3, 3).Node("a = Pad(x, p, v, axes)").Node("y = Conv(a, w)").Output("y"), "Conv 1") { Opset = 18 },
        new("pads as an attribute", "fuse_pad_into_conv", X(1, 2, 5).Constant("w", OnnxBuilder.Numbers(12), 2, 2, 3).Node("a = Pad(x)", ("pads", (long[])[0, 0, 1, 0, 0, 1])).Node("y = Conv(a, w)", ("auto_pad", "VALID")).Output("y"), "Conv 1") { Opset = 10 },
        new("pads of another number", "fuse_pad_into_conv", X(1, 2, 5).Constant("p", [0L, 0, 1, 0, 0, 1]).Scalar("v", 1f).Constant("w", OnnxBuilder.Numbers(12), 2, 2, 3).Node("a = Pad(x, p, v)").Node("y = Conv(a, w)").Output("y"), "Conv 1, Pad 1"),
        new("pads of channels", "fuse_pad_into_conv", X(1, 2, 5).Constant("p", [0L, 1, 1, 0, 0, 1]).Constant("w", OnnxBuilder.Numbers(18), 2, 3, 3).Node("a = Pad(x, p)").Node("y = Conv(a, w)").Output("y"), "Conv 1, Pad 1"),
        new("pads that mirror", "fuse_pad_into_conv", X(1, 2, 5).Constant("p", [0L, 0, 1, 0, 0, 1]).Constant("w", OnnxBuilder.Numbers(12), 2, 2, 3).Node("a = Pad(x, p)", ("mode", "reflect")).Node("y = Conv(a, w)").Output("y"), "Conv 1, Pad 1"),
        new("pads that cut", "fuse_pad_into_conv", X(1, 2, 5).Constant("p", [0L, 0, -1, 0, 0, 0]).Constant("w", OnnxBuilder.Numbers(12), 2, 2, 3).Node("a = Pad(x, p)").Node("y = Conv(a, w)").Output("y"), "Conv 1, Pad 1"),

        new("both sides", "fuse_transpose_into_gemm", Two().Node("a = Transpose(x)").Node("b = Transpose(z)", ("perm", (long[])[1, 0])).Node("y = Gemm(a, b)", ("transB", 1)).Output("y"), "Gemm 1"),
        new("one side, read elsewhere too", "fuse_transpose_into_gemm", Two().Node("a = Transpose(x)").Node("y = Gemm(a, z)").Output("y").Output("a"), "Gemm 1, Transpose 1"),

        new("with one extent unknown", "fuse_concat_into_reshape", X("N", "L", 8).Node("s = Shape(x)").Scalar("zero", 0L).Constant("at", [0L]).Node("n = Gather(s, zero)").Node("u = Unsqueeze(n, at)").Constant("rest", [-1L, 2]).Node("c = Concat(u, rest)", ("axis", 0)).Node("y = Reshape(x, c)").Output("y"),
            "Concat 1, Gather 1, Reshape 1, Shape 1, Unsqueeze 1") { Initializers = 4 },
        new("with two extents copied", "fuse_concat_into_reshape", X("N", "L", 8).Node("s = Shape(x)").Constant("both", [0L, 1]).Node("n = Gather(s, both)").Constant("rest", [2L, 4]).Node("c = Concat(n, rest)", ("axis", 0)).Node("a = Reshape(x, c)").Node("y = Relu(a)").Output("y"),
            "Concat 1, Gather 1, Relu 1, Reshape 1, Shape 1") { Initializers = 3 },
        new("with two extents exchanged", "fuse_concat_into_reshape", X("N", "L").Node("s = Shape(x)").Constant("both", [1L, 0]).Node("n = Gather(s, both)").Node("y = Reshape(x, n)").Output("y"), "Gather 1, Reshape 1, Shape 1") { Initializers = 1 },
    ];

    public static TheoryData<string> Names => PassCase.Names(Cases);

    [Theory]
    [MemberData(nameof(Names))]
    public void NodesBecomeOneAndOutputsStay(string name) => PassCase.Run(Cases, name);

    private static OnnxBuilder X(params object[] dims) => new OnnxBuilder().Input("x", dims);

    private static OnnxBuilder Two() => new OnnxBuilder().Input("x", 3, 3).Input("z", 3, 3);

    /// <summary>a = Conv(x) with 3 channels of 3×3 from 2 channels of 5×5.</summary>
    private static OnnxBuilder Conv(string? bias = null) => X("N", 2, 5, 5).Constant("w", OnnxBuilder.Numbers(54), 3, 2, 3, 3).Node($"a = Conv(x, w{(bias is null ? "" : ", " + bias)})");

    private static OnnxBuilder Norm(OnnxBuilder builder, string input, string output, int channels = 3) => builder
        .Constant($"{output}_scale", OnnxBuilder.Numbers(channels, 2)).Constant($"{output}_shift", OnnxBuilder.Numbers(channels, 3)).Constant($"{output}_mean", OnnxBuilder.Numbers(channels, 4))
        .Constant($"{output}_variance", [.. OnnxBuilder.Numbers(channels, 6).Select(value => Math.Abs(value) + 0.1f)])
        .Node($"{output} = BatchNormalization({input}, {output}_scale, {output}_shift, {output}_mean, {output}_variance)", ("epsilon", 1e-3f));
}

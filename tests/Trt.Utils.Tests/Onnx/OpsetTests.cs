using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public class OpsetTests
{
    public OpsetTests() => CpuRuntime.Register();

    /// <summary>What later operator sets have, written in 11 and back in 21: ONNX Runtime computes the same of all three.</summary>
    [Fact]
    public void LaterOperatorsAreWrittenWithEarlierOnes()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2, 5, 4).Constant("axes", [-1L]).Constant("scale", OnnxBuilder.Numbers(20), 5, 4).Constant("shift", OnnxBuilder.Numbers(20, 3), 5, 4).Constant("pads", [1L, 2])
            .Constant("five", [5L]).Constant("sizes", [2L, 5, 8]).Constant("minus", [-3L])
            .Node("a = Gelu(x)").Node("b = Gelu(a)", ("approximate", "tanh")).Node("c = LayerNormalization(b, scale, shift)", ("axis", 1)).Node("d = Softmax(c)", ("axis", 1)).Node("e = LogSoftmax(d)")
            .Node("f = HardSwish(e)").Node("g, h, i = Split(f)", ("axis", 1), ("num_outputs", 3)).Node("j = Concat(i, g, h)", ("axis", 1)).Node("k = ReduceMean(j, axes)").Node("l = ReduceSum(j, axes)").Node("m = Unsqueeze(l, axes)").Node("n = Squeeze(m, axes)")
            .Node("o = Pad(n, pads, , axes)").Node("p = GreaterOrEqual(j, k)").Node("q = Where(p, j, k)").Node("r = Shape(x)", ("start", 1), ("end", 2)).Node("s = Max(r, five, minus)").Node("t = Cast(s)", ("to", 1)).Node("u = Mul(q, t)")
            .Node("v = Resize(u, , , sizes)", ("mode", "linear")).Node("w = ReduceMax(v)", ("noop_with_empty_axes", 1)).Node("y = Neg(w)").Output("y").Output("o");
        byte[] bytes = builder.Bytes(21, 10);
        IReadOnlyDictionary<string, OnnxTensor> before = PassCase.Outputs(bytes);
        using OnnxModel model = OnnxModel.Load(bytes);
        foreach (int opset in (int[])[17, 13, 11, 21])
        {
            model.ConvertOpset(opset);
            Assert.Equal(opset, model.Opsets[""]);
            IReadOnlyDictionary<string, OnnxTensor> after = PassCase.Outputs(model.ToArray());
            Assert.All(before, pair => Assert.True(pair.Value.ToArray<float>().Zip(after[pair.Key].ToArray<float>(), (a, b) => Math.Abs(a - b)).Max() < 1e-5, $"{pair.Key} in {opset}"));
        }

        Assert.Equal(0, model.Nodes.Count(node => node.OpType is "Gelu" or "LayerNormalization" or "HardSwish"));
        Assert.Equal(2, model.Nodes.Count(node => node.OpType == "Erf") + model.Nodes.Count(node => node.OpType == "Tanh"));
    }

    [Fact]
    public void WhatHasNoEqualIsRefusedByName()
    {
        byte[] bytes = new OnnxBuilder().Input("x", 2, 2).Node("a = Neg(x)").Node("y = Trilu(a)").Output("y").Bytes(17);
        using OnnxModel model = OnnxModel.Load(bytes);
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => model.ConvertOpset(13));
        Assert.Contains("Trilu_1", error.Message, StringComparison.Ordinal);
        Assert.Contains("version 14", error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, model.ToArray());
        Assert.Contains("10", Assert.Throws<NotSupportedException>(() => model.ConvertOpset(10)).Message, StringComparison.Ordinal);
        using OnnxModel unknown = OnnxModel.Load(new OnnxBuilder().Input("x", 2).Node("y = Blend(x)").Output("y").Bytes());
        Assert.Contains("Blend", Assert.Throws<NotSupportedException>(() => unknown.ConvertOpset(11)).Message, StringComparison.Ordinal);
        using OnnxModel computed = OnnxModel.Load(new OnnxBuilder().Input("x", 2, 2).Input("a", OnnxElementType.Int64, 1).Node("y = ReduceSum(x, a)").Output("y").Bytes());
        Assert.Contains("ReduceSum_1", Assert.Throws<NotSupportedException>(() => computed.ConvertOpset(11)).Message, StringComparison.Ordinal);
    }
}

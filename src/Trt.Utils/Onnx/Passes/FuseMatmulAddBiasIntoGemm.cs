using System.Collections.Immutable;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>MatMul(a, b) + c of matrices, where c makes the result no larger: Gemm(a, b, c).</summary>
internal sealed class FuseMatmulAddBiasIntoGemm() : NodePass("fuse_matmul_add_bias_into_gemm", "MatMul of matrices and Add become Gemm")
{
    private const int ImplicitBroadcast = 7;

    protected override bool Change(EditableGraph graph, NodeProto node) =>
        node.Is("Add") && node.Input.Count == 2 && graph.Model.Opset >= ImplicitBroadcast && (Fuse(graph, node, 0) || Fuse(graph, node, 1));

    private static bool Fuse(EditableGraph graph, NodeProto add, int side)
    {
        if (graph.Producer(add.Input[side], "MatMul") is not { } product || !graph.HasOneUse(add.Input[side])
            || graph.TypeOf(product.InputAt(0)) is not { Dims: { IsDefault: false, Length: 2 } left, Element: OnnxElementType.Float or OnnxElementType.Double or OnnxElementType.Half or OnnxElementType.BFloat16 }
            || graph.TypeOf(product.InputAt(1)) is not { Dims: { IsDefault: false, Length: 2 } right }
            || graph.TypeOf(add.Input[1 - side]) is not { Dims: { IsDefault: false, Length: <= 2 } bias } || !Fits(bias, left[0], right[1]))
        {
            return false;
        }

        NodeProto gemm = new() { OpType = "Gemm", Name = product.Name };
        gemm.Input.Add([product.Input[0], product.Input[1], add.Input[1 - side]]);
        gemm.Output.Add(add.Output[0]);
        graph.Remove(add);
        graph.Replace(product, gemm);
        return true;
    }

    private static bool Fits(ImmutableArray<OnnxDim> bias, OnnxDim rows, OnnxDim columns) =>
        (bias.Length < 1 || bias[^1].Value == 1 || bias[^1].IsSameAs(columns)) && (bias.Length < 2 || bias[0].Value == 1 || bias[0].IsSameAs(rows));
}

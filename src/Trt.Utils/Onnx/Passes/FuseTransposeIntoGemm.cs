using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Gemm of a transposed matrix: Gemm transposes it itself.</summary>
internal sealed class FuseTransposeIntoGemm() : NodePass("fuse_transpose_into_gemm", "Transpose goes into the Gemm behind it")
{
    protected override bool Change(EditableGraph graph, NodeProto node) => node.Is("Gemm") && (Fuse(graph, node, 0, "transA") | Fuse(graph, node, 1, "transB"));

    private static bool Fuse(EditableGraph graph, NodeProto gemm, int input, string attribute)
    {
        if (graph.Producer(gemm.InputAt(input), "Transpose") is not { } transpose || transpose.InputAt(0) is not { } value || (transpose.Ints("perm") ?? [1, 0]) is not [1, 0])
        {
            return false;
        }

        gemm.Set(attribute, gemm.Int(attribute, 0) == 0 ? 1 : 0);
        graph.SetInput(gemm, input, value);
        graph.RemoveIfUnused(transpose);
        return true;
    }
}

using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Matrix products and sums of products.</summary>
internal static class Products
{
    public static void Register(ImporterTable table)
    {
        table.Add("MatMul", Matrix);
        table.Add("Gemm", General);
        table.Add("Einsum", node => node.Out(node.Network.AddEinsum(Enumerable.Range(0, node.InputCount).Select(node.Tensor).ToArray(), node.Text("equation"))));
    }

    private static ITensor Matrix(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ITensor y = node.Tensor(1);
        int left = node.Rank(x);
        int right = node.Rank(y);
        if (left <= 1 && right <= 1)
        {
            return node.Multiply(x, MatrixOperation.Vector, y, MatrixOperation.Vector);
        }

        // A vector is a row before a matrix and a column after one; the product drops that axis again.
        x = left == 1 ? node.Unsqueeze(x, 0) : x;
        y = right == 1 ? node.Unsqueeze(y, 1) : y;
        (x, y) = node.Broadcast(x, y);
        ITensor product = node.Multiply(x, MatrixOperation.None, y, MatrixOperation.None);
        int rank = node.Rank(product);
        return left == 1 ? node.Squeeze(product, rank - 2) : right == 1 ? node.Squeeze(product, rank - 1) : product;
    }

    /// <summary>alpha * A * B + beta * C.</summary>
    private static ITensor General(ImportNode node)
    {
        node.RefuseTypes(0, DataType.Int32, DataType.Int64);
        ITensor x = node.Tensor(0);
        ITensor y = node.Tensor(1);
        if (node.Rank(x) != 2 || node.Rank(y) != 2)
        {
            throw node.Invalid($"Gemm multiplies matrices; its inputs have {node.Rank(x)} and {node.Rank(y)} dimensions.");
        }

        MatrixOperation Turned(string name) => node.Int(name, 0) != 0 ? MatrixOperation.Transpose : MatrixOperation.None;
        ITensor product = Scaled(node, node.Multiply(x, Turned("transA"), y, Turned("transB")), node.Float("alpha", 1));
        if (!node.Has(2))
        {
            return product;
        }

        ITensor bias = node.Broadcast(Scaled(node, node.Tensor(2), node.Float("beta", 1)), 2);
        return node.ElementWise(product, bias, ElementWiseOperation.Sum);
    }

    private static ITensor Scaled(ImportNode node, ITensor x, float factor) =>
        factor == 1 ? x : node.ElementWise(node.Like(x, factor), x, ElementWiseOperation.Prod);
}

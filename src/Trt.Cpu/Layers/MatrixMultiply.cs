using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Product of matrices, or of matrices and vectors, in batches.</summary>
internal sealed class MatrixMultiply : CpuLayer, IMatrixMultiplyLayer
{
    private readonly MatrixOperation[] operations;

    private MatrixMultiply(CpuNetwork network, CpuTensor left, MatrixOperation leftOperation, CpuTensor right, MatrixOperation rightOperation)
        : base(network, 1, left, right) => operations = [leftOperation, rightOperation];

    public override LayerType Type => LayerType.MatrixMultiply;

    protected override string Tag => "Matrix Multiply";

    protected override string Interface => "IMatrixMultiplyLayer";

    public static MatrixMultiply Create(CpuNetwork network, ITensor left, MatrixOperation leftOperation, ITensor right, MatrixOperation rightOperation)
    {
        CpuTensor first = network.Own(left);
        CpuTensor second = network.Own(right);
        return IsDefined(leftOperation) && IsDefined(rightOperation)
            ? new MatrixMultiply(network, first, leftOperation, second, rightOperation)
            : throw network.RefuseAdd("addMatrixMultiply", "op0 and op1 are enumerators of MatrixOperation");
    }

    public MatrixOperation GetOperation(int index) => Get((uint)index < 2 ? operations[index] : MatrixOperation.None);

    public void SetOperation(int index, MatrixOperation op)
    {
        bool valid = index is 0 or 1 && IsDefined(op);
        MatrixOperation unused = default;
        Set(ref valid ? ref operations[index] : ref unused, op, valid, "setOperation", "index is 0 or 1 and op is an enumerator of MatrixOperation");
    }

    public override void Infer(Inference context)
    {
        DimExpr[] left = context.Dims(0);
        DimExpr[] right = context.Dims(1);
        int leftBatch = left.Length - Order(0);
        int rightBatch = right.Length - Order(1);
        if (leftBatch < 0 || rightBatch < 0)
        {
            throw Refusal.Internal($"an operand of a matrix multiplication has too few dimensions: {Extents.Text(left)} and {Extents.Text(right)} must be of rank {Order(0)} and {Order(1)} or more.");
        }

        int common = Math.Min(leftBatch, right.Length);
        List<DimExpr> result = [.. context.Broadcast(left.AsSpan(0, common), right.AsSpan(0, common))];
        context.CheckType(0, "first input", Types.Real);
        context.CheckType(1, "second input", Types.Real);
        if (!context.SameReal(0, 1))
        {
            throw context.Refuse($"both inputs must have the same type. They are {Types.Name(context.Type(0))} and {Types.Name(context.Type(1))}.");
        }

        if (leftBatch != rightBatch)
        {
            throw context.Refuse($"input0 {Extents.Text(left)} and input1 {Extents.Text(right)} do not have the same number of batch dimensions before their matrices or vectors.");
        }

        DimExpr inner0 = operations[0] == MatrixOperation.Transpose ? left[^2] : left[^1];
        DimExpr inner1 = operations[1] == MatrixOperation.None ? right[^2] : right[^1];
        if (inner0.IsConstant && inner1.IsConstant && !inner0.Equals(inner1))
        {
            throw context.Refuse($"the inner dimensions {inner0} of input0 and {inner1} of input1 must match.");
        }

        context.Require(ShapeRuleKind.Equal, inner0, inner1, $"the inner dimensions {{0}} of input0 and {{1}} of input1 must match.");
        if (operations[0] != MatrixOperation.Vector)
        {
            result.Add(operations[0] == MatrixOperation.Transpose ? left[^1] : left[^2]);
        }

        if (operations[1] != MatrixOperation.Vector)
        {
            result.Add(operations[1] == MatrixOperation.Transpose ? right[^2] : right[^1]);
        }

        context.Set(0, [.. result]);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue left = Operand(graph, 0);
        OnnxValue right = AsMatrix(graph, Operand(graph, 1));
        OnnxValue product = graph.Node("MatMul", left.Type, [left, right]);
        List<long> gone = [];
        if (operations[0] == MatrixOperation.Vector)
        {
            gone.Add(-2);
        }

        if (operations[1] == MatrixOperation.Vector)
        {
            gone.Add(-1);
        }

        graph.Set(0, gone.Count == 0 ? product : graph.Node("Squeeze", product.Type, [product, graph.Integers([.. gone])]));
    }

    private static bool IsDefined(MatrixOperation operation) => operation is >= MatrixOperation.None and <= MatrixOperation.Vector;

    private int Order(int input) => operations[input] == MatrixOperation.Vector ? 1 : 2;

    /// <summary>The axis of an operand that is not summed over; none in a vector.</summary>
    private int OutputAxis(int input, int rank) => operations[input] == MatrixOperation.Vector ? -1
        : rank - ((operations[input] == MatrixOperation.Transpose) == (input == 1) ? 2 : 1);

    /// <summary>A right operand that is one matrix for the whole batch is given as such: ONNX Runtime packs only those ahead of runs.</summary>
    private OnnxValue AsMatrix(Lowering graph, OnnxValue right)
    {
        DimExpr[] dims = graph.Dims(1);
        bool isOne = operations[1] != MatrixOperation.Vector && dims.Length > 2 && dims.Length <= graph.Dims(0).Length
            && Array.TrueForAll(dims[..^2], dim => dim is { IsConstant: true, Number: 1 });
        return isOne ? graph.Node("Squeeze", right.Type, [right, graph.Integers([.. Enumerable.Range(0, dims.Length - 2).Select(axis => (long)axis)])]) : right;
    }

    private OnnxValue Operand(Lowering graph, int input)
    {
        int rank = graph.Dims(input).Length;
        OnnxValue value = graph.IsWeight(input)
            ? graph.Kernel(graph.Cast(graph.Real(input), DataType.Float), rank, OutputAxis(input, rank))
            : graph.Cast(graph.Data(input), DataType.Float);
        switch (operations[input])
        {
            case MatrixOperation.Vector:
                return graph.Node("Unsqueeze", value.Type, [value, graph.Integers(input == 0 ? -2 : -1)]);
            case MatrixOperation.Transpose:
                long[] order = [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
                (order[^1], order[^2]) = (order[^2], order[^1]);
                return graph.Node("Transpose", value.Type, [value], Attr.Ints("perm", order));
            default:
                return value;
        }
    }
}

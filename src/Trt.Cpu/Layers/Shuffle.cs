using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Transposes, reshapes and transposes again.</summary>
internal sealed class Shuffle : CpuLayer, IShuffleLayer
{
    private Permutation first = Straight;
    private Permutation second = Straight;
    private Dims? reshape;
    private bool zeroIsPlaceholder = true;

    private Shuffle(CpuNetwork network, CpuTensor input)
        : base(network, 1, input)
    {
    }

    public override LayerType Type => LayerType.Shuffle;

    public Permutation FirstTranspose
    {
        get => Get(first);
        set => Set(ref first, value, true, "setFirstTranspose", string.Empty);
    }

    public Dims ReshapeDimensions
    {
        get => Get(InputAt(1) is null && reshape is { } set ? set : Dims.Unknown);
        set
        {
            if (value.NbDims < 0)
            {
                Set(ref reshape, null, false, "setReshapeDimensions", "dimensions has 0 to 8 numbers");
                return;
            }

            Set(ref reshape, value, true, "setReshapeDimensions", string.Empty);
        }
    }

    public Permutation SecondTranspose
    {
        get => Get(second);
        set => Set(ref second, value, true, "setSecondTranspose", string.Empty);
    }

    public bool ZeroIsPlaceholder
    {
        get => Get(zeroIsPlaceholder);
        set => Set(ref zeroIsPlaceholder, value, true, "setZeroIsPlaceholder", string.Empty);
    }

    protected override string Tag => "Shuffle";

    protected override string Interface => "IShuffleLayer";

    protected override int? InputLimit => 2;

    private static Permutation Straight
    {
        get
        {
            Permutation order = default;
            for (int i = 0; i < Dims.MaxDims; i++)
            {
                order.Order[i] = i;
            }

            return order;
        }
    }

    public static Shuffle Create(CpuNetwork network, ITensor input) => new(network, network.Own(input));

    public override bool ReadsValues(int input) => input == 1;

    public override void Infer(Inference context)
    {
        context.CheckType(0, "first input", Types.Movable);
        int[] before = Order(context, first, context.Dims(0).Length, "first_transpose");
        DimExpr[]? values = Permuted(context.Values(0), context.Dims(0), before);
        DimExpr[] dims = Reshaped(context, Permuted(context.Dims(0), before));
        int[] after = Order(context, second, dims.Length, "second_transpose");
        SmallReals? reals = context.Reals(0) is { } real && Permuted(Permuted(real.Numerators, context.Dims(0), before), dims, after) is { } numerators ? real with { Numerators = numerators } : null;
        context.Set(0, Permuted(dims, after), Permuted(values, dims, after), reals);
    }

    public override void Lower(Lowering graph)
    {
        // ONNX Runtime moves no 4-bit integers; as floats they stay what they are.
        OnnxValue value = graph.Input(0).Type == DataType.Int4 ? graph.Float(0) : graph.Input(0);
        value = Transposed(graph, value, first, graph.Dims(0).Length);
        DimExpr[] result = graph.OutputDims(0);
        if (reshape is not null || graph.Has(1))
        {
            DimExpr[] before = new DimExpr[result.Length];
            for (int i = 0; i < before.Length; i++)
            {
                before[second.Order[i]] = result[i];
            }

            value = graph.Node("Reshape", value.Type, [value, graph.Shape(before)], Attr.Int("allowzero", 1));
        }

        graph.Set(0, Transposed(graph, value, second, result.Length));
    }

    private static OnnxValue Transposed(Lowering graph, OnnxValue value, Permutation permutation, int rank)
    {
        long[] order = new long[rank];
        bool straight = true;
        for (int i = 0; i < rank; i++)
        {
            order[i] = permutation.Order[i];
            straight &= order[i] == i;
        }

        return straight ? value : graph.Node("Transpose", value.Type, [value], Attr.Ints("perm", order));
    }

    private static DimExpr[] Permuted(DimExpr[] dims, int[] order) => Array.ConvertAll(order, axis => dims[axis]);

    private static DimExpr[]? Permuted(DimExpr[]? values, DimExpr[] dims, int[] order) => values is null || order.Length <= 1 ? values
        : SmallTensor.Make(Permuted(dims, order), index =>
        {
            long[] source = new long[index.Length];
            for (int axis = 0; axis < index.Length; axis++)
            {
                source[order[axis]] = index[axis];
            }

            return SmallTensor.At(values, dims, source);
        });

    private static int[] Order(Inference context, Permutation permutation, int rank, string name)
    {
        int[] order = ((ReadOnlySpan<int>)permutation.Order)[..rank].ToArray();
        return order.Order().SequenceEqual(Enumerable.Range(0, rank))
            ? order
            : throw context.Refuse($"{name} [{string.Join(',', order)}] is no order of {rank} dimensions.");
    }

    /// <summary>Whether an extent is a value that the user gives for a run, which may then be -1.</summary>
    private static bool IsGiven(DimExpr extent) => extent.Op == DimOp.Value || (extent.Op == DimOp.OrElse && extent.Operands[0].Op == DimOp.Value);

    /// <summary>Extents whose -1, where a run has one, stands for what the others leave.</summary>
    private static DimExpr[] Completed(DimExpr[] extents, DimExpr volume)
    {
        DimExpr open = DimExpr.Constant(-1);
        DimExpr others = DimExpr.Volume(Array.ConvertAll(extents, extent => IsGiven(extent) ? DimExpr.Choose(DimExpr.AreEqual(extent, open), DimExpr.One, extent) : extent));
        DimExpr left = DimExpr.FloorDiv(volume, DimExpr.Max(others, DimExpr.One));
        return Array.ConvertAll(extents, extent => IsGiven(extent) ? DimExpr.Choose(DimExpr.AreEqual(extent, open), left, extent) : extent);
    }

    private DimExpr[] Reshaped(Inference context, DimExpr[] dims)
    {
        DimExpr[] wanted;
        if (context.Has(1))
        {
            if (!Types.IsInteger(context.Type(1)))
            {
                CpuTensor tensor = RequiredInput(1);
                throw Refusal.Api($"{(tensor.Producer is null ? "Network input" : "Tensor")} {tensor} is a shape tensor and must have type Int32 or Int64. Type is {Types.Name(context.Type(1))}.");
            }

            wanted = context.Values(1) ?? throw context.Refuse("the reshape dimensions of input 1 are data that only a run computes; they must follow from shapes, constants or inputs with shape values.");
        }
        else if (reshape is { } fixedDims)
        {
            wanted = Extents.Constants(fixedDims);
        }
        else
        {
            return dims;
        }

        if (wanted.Length > Dims.MaxDims)
        {
            throw context.Refuse($"the reshape dimensions are {wanted.Length} numbers, but a tensor has at most {Dims.MaxDims} dimensions.");
        }

        string change = $"Reshaping {Extents.Text(dims)} to {Extents.Text(wanted)}.";
        DimExpr[] result = [.. wanted];
        int wildcard = -1;
        for (int i = 0; i < result.Length; i++)
        {
            if (result[i].IsConstant && result[i].Number < -1)
            {
                throw Refusal.Shape($"a reshape dimension is less than -1. {change}");
            }

            if (result[i].IsConstant && result[i].Number == -1)
            {
                wildcard = wildcard < 0 ? i : throw Refusal.Shape($"more than one reshape dimension is -1. {change}");
            }
            else if (zeroIsPlaceholder && (!result[i].IsConstant || result[i].Number == 0) && i < dims.Length)
            {
                result[i] = result[i].IsConstant || context.Has(1) ? DimExpr.OrElse(result[i], dims[i]) : result[i];
            }
        }

        DimExpr volume = DimExpr.Volume(dims);
        if (wildcard >= 0)
        {
            DimExpr rest = DimExpr.Volume([.. result[..wildcard], .. result[(wildcard + 1)..]]);
            result[wildcard] = rest is { IsConstant: true, Number: 0 } ? DimExpr.Zero : DimExpr.FloorDiv(volume, rest);
        }
        else if (Array.Exists(result, IsGiven))
        {
            result = Completed(result, volume);
        }

        context.Require(ShapeRuleKind.Equal, volume, DimExpr.Volume(result), $"reshape changes volume from {{0}} to {{1}}. {change}");
        return result;
    }
}

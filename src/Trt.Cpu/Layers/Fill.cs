using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Makes a tensor of numbers at equal distances, or of random ones.</summary>
internal sealed class Fill : CpuLayer, IFillLayer
{
    private static readonly string[] Names = ["LINSPACE", "RANDOM_UNIFORM", "RANDOM_NORMAL"];

    private Dims dims;
    private FillOperation operation;
    private DataType type;
    private double alpha;
    private double beta = 1;
    private long alphaInt64;
    private long betaInt64;
    private bool alphaIsInt64;
    private bool betaIsInt64;

    private Fill(CpuNetwork network, Dims dims, FillOperation operation, DataType type)
        : base(network, 1)
    {
        this.dims = dims;
        this.operation = operation;
        this.type = type;
    }

    public override LayerType Type => LayerType.Fill;

    public Dims Dimensions
    {
        get => Get(InputAt(0) is null ? dims : Dims.Unknown);
        set
        {
            if (Extents.AreValid(value) && value.IsStatic)
            {
                Replace(ref dims, value, 0);
            }
            else
            {
                Set(ref dims, value, false, "setDimensions", "isValidDims(dimensions)");
            }
        }
    }

    public FillOperation Operation
    {
        get => Get(operation);
        set => Set(ref operation, value, IsDefined(value), "setOperation", "op is an enumerator of FillOperation");
    }

    public double Alpha
    {
        get => Get(alphaIsInt64 || InputAt(1) is null ? alpha : -1);
        set
        {
            alphaIsInt64 = false;
            Replace(ref alpha, value, 1);
        }
    }

    public double Beta
    {
        get => Get(betaIsInt64 || InputAt(2) is null ? beta : -1);
        set
        {
            betaIsInt64 = false;
            Replace(ref beta, value, 2);
        }
    }

    public long AlphaInt64
    {
        get => Get(!alphaIsInt64 || InputAt(1) is null ? alphaInt64 : -1);
        set
        {
            alphaIsInt64 = true;
            Replace(ref alphaInt64, value, 1);
        }
    }

    public long BetaInt64
    {
        get => Get(!betaIsInt64 || InputAt(2) is null ? betaInt64 : -1);
        set
        {
            betaIsInt64 = true;
            Replace(ref betaInt64, value, 2);
        }
    }

    public bool IsAlphaBetaInt64 => Get(alphaIsInt64 || betaIsInt64);

    public DataType ToType
    {
        get => Get(type);
        set => Set(ref type, value, value is DataType.Float or DataType.Half or DataType.Int32 or DataType.Int64, "setToType", "toType is kFLOAT, kHALF, kINT32 or kINT64");
    }

    protected override string Tag => "Fill";

    protected override string Interface => "IFillLayer";

    protected override int? InputLimit => 3;

    public static Fill Create(CpuNetwork network, Dims dims, FillOperation operation, DataType type)
    {
        network.ThrowIfDisposed();
        return !Extents.AreValid(dims) || !dims.IsStatic ? throw network.RefuseAdd("addFill(Dims const&, FillOperation, DataType)", $"isValidDims(dimensions). They are {Extents.Text(dims)}")
            : !IsDefined(operation) ? throw network.RefuseAdd("addFill(Dims const&, FillOperation, DataType)", $"op is an enumerator of FillOperation, {(int)operation} is none")
            : !Types.IsSupported(type) ? throw network.RefuseAdd("addFill(Dims const&, FillOperation, DataType)", $"outputType is a type that the CPU runtime computes with. It is {Types.Name(type)}")
            : new Fill(network, dims, operation, type);
    }

    public override bool ReadsValues(int input) => input == 0;

    public override void Infer(Inference context)
    {
        CheckTypes(context);
        DimExpr[] result = context.Has(0) ? context.ShapeValues(0, "dimensions") : Extents.Constants(dims);
        if (operation == FillOperation.Linspace)
        {
            if (result.Length == 0)
            {
                context.Object(new Refusal(ErrorCode.UnspecifiedError, "Myelin", "a scalar cannot be filled with numbers at equal distances."));
            }
            else if (context.Has(2))
            {
                context.RequireInBuild(ShapeRuleKind.Equal, context.Dims(2)[0], DimExpr.Constant(result.Length), "beta (input 2) has {0} elements, but the output {1} dimensions.");
            }
        }
        else if (!context.Has(1) && !context.Has(2))
        {
            (double low, double high) = (alphaIsInt64 ? alphaInt64 : alpha, betaIsInt64 ? betaInt64 : beta);
            if (operation == FillOperation.RandomNormal ? high <= 0 : high < low)
            {
                context.Object(Refusal.Internal(operation == FillOperation.RandomNormal
                    ? $"the standard deviation beta must be positive. It is {high}."
                    : $"the greatest number beta must not be less than the least one, alpha. They are {high} and {low}."));
            }
        }

        context.Set(0, result, operation == FillOperation.Linspace && Types.IsInteger(type) ? Values(context, result) : null);
    }

    public override void Lower(Lowering graph)
    {
        DimExpr[] result = graph.OutputDims(0);
        bool whole = operation == FillOperation.Linspace && Types.IsInteger(type);
        DataType computed = whole ? DataType.Int64 : DataType.Float;
        OnnxValue start = Parameter(graph, 1, computed, alphaIsInt64 ? alphaInt64 : alpha, alphaIsInt64 ? alphaInt64 : (long)alpha);
        OnnxValue step = Parameter(graph, 2, computed, betaIsInt64 ? betaInt64 : beta, betaIsInt64 ? betaInt64 : (long)beta);
        if (operation != FillOperation.Linspace)
        {
            OnnxValue canvas = graph.Expand(graph.Number(0, DataType.Float), result);
            OnnxValue random = operation == FillOperation.RandomUniform
                ? graph.Node("RandomUniformLike", DataType.Float, [canvas], Attr.Float("low", 0), Attr.Float("high", 1), Attr.Float("seed", Index + 1))
                : graph.Node("RandomNormalLike", DataType.Float, [canvas], Attr.Float("mean", 0), Attr.Float("scale", 1), Attr.Float("seed", Index + 1));
            OnnxValue spread = operation == FillOperation.RandomUniform ? graph.Node("Sub", DataType.Float, [step, start]) : step;
            graph.Set(0, graph.Node("Add", DataType.Float, [graph.Node("Mul", DataType.Float, [random, spread]), start]));
            return;
        }

        OnnxValue sum = start;
        for (int axis = 0; axis < result.Length; axis++)
        {
            OnnxValue places = graph.Cast(graph.Range(result[axis]), computed);
            OnnxValue delta = graph.Has(2) ? graph.Gather(step, graph.Number(axis, DataType.Int64), 0) : step;
            OnnxValue along = graph.Unsqueeze(graph.Node("Mul", computed, [places, delta]), [.. Enumerable.Range(1, result.Length - 1 - axis).Select(d => (long)d)]);
            sum = graph.Node("Add", computed, [sum, along]);
        }

        graph.Set(0, sum);
    }

    protected override DataType OutputType(int output) => type;

    private static bool IsDefined(FillOperation operation) => operation is >= FillOperation.Linspace and <= FillOperation.RandomNormal;

    private OnnxValue Parameter(Lowering graph, int input, DataType computed, double real, long whole) =>
        graph.Has(input) ? graph.Cast(graph.Input(input), computed)
        : computed == DataType.Int64 ? graph.Scalar(DimExpr.Constant(whole))
        : graph.Number(real, computed);

    private void CheckTypes(Inference context)
    {
        bool right = operation == FillOperation.Linspace ? type is DataType.Int32 or DataType.Int64 or DataType.Float : type is DataType.Float or DataType.Half;
        if (!right)
        {
            throw context.Refuse(operation == FillOperation.Linspace
                ? $"FillOperation::kLINSPACE makes kINT32, kINT64 or kFLOAT, not {Types.Name(type)}."
                : $"random numbers are of type kFLOAT or kHALF, not {Types.Name(type)}.");
        }

        for (int input = 0; input < 3; input++)
        {
            int rank = input == 0 || (input == 2 && operation == FillOperation.Linspace) ? 1 : 0;
            if (context.Has(input) && context.Dims(input).Length != rank)
            {
                throw context.Refuse($"FillOperation {Names[(int)operation]} requires that input {input} have rank {rank}. It has {context.Dims(input).Length}.");
            }
        }

        if (context.Has(1) && context.Has(2) ? context.Type(1) != context.Type(2) : context.Has(2))
        {
            throw context.Refuse("alpha (input 1) and beta (input 2) must have the same type.");
        }

        if (context.Has(1) && !context.Has(2))
        {
            context.Object(context.Refuse("alpha (input 1) and beta (input 2) must both be given, or none of them."));
        }
    }

    private DimExpr[]? Values(Inference context, DimExpr[] result)
    {
        DimExpr? start = context.Has(1) ? context.Values(1)?[0] : DimExpr.Constant(alphaIsInt64 ? alphaInt64 : (long)alpha);
        DimExpr[]? steps = context.Has(2) ? context.Values(2) : [DimExpr.Constant(betaIsInt64 ? betaInt64 : (long)beta)];
        return start is null || steps is null ? null : SmallTensor.Make(result, index =>
        {
            DimExpr sum = start;
            for (int axis = 0; axis < index.Length; axis++)
            {
                sum += (steps.Length == 1 ? steps[0] : steps[axis]) * index[axis];
            }

            return sum;
        });
    }
}

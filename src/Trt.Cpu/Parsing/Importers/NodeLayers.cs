using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Layers that most importers need, added and named for a node.</summary>
internal static class NodeLayers
{
    /// <summary>Adds an operator with one output.</summary>
    public static void Add(this ImporterTable table, string op, Func<ImportNode, ITensor> import, Action<ImportNode>? check = null) =>
        table.Add(op, node => ImportNode.Result(import(node)), check);

    /// <summary>Adds an operator with several outputs.</summary>
    public static void Add(this ImporterTable table, string op, Func<ImportNode, ITensor[]> import, Action<ImportNode>? check = null) =>
        table.Add(op, node => Array.ConvertAll(import(node), tensor => (ImportedValue?)new ImportedValue(tensor)), check);

    public static ITensor Unary(this ImportNode node, ITensor x, UnaryOperation operation) => node.Out(node.Network.AddUnary(x, operation));

    public static ITensor ElementWise(this ImportNode node, ITensor x, ITensor y, ElementWiseOperation operation) =>
        node.Out(node.Network.AddElementWise(x, y, operation));

    public static ITensor Activation(this ImportNode node, ITensor x, ActivationType type, float? alpha = null, float? beta = null)
    {
        IActivationLayer layer = node.Network.AddActivation(x, type);
        layer.Alpha = alpha ?? layer.Alpha;
        layer.Beta = beta ?? layer.Beta;
        return node.Out(layer);
    }

    public static ITensor Reduce(this ImportNode node, ITensor x, ReduceOperation operation, uint axes, bool keep) =>
        node.Out(node.Network.AddReduce(x, operation, axes, keep));

    public static ITensor Select(this ImportNode node, ITensor condition, ITensor x, ITensor y) => node.Out(node.Network.AddSelect(condition, x, y));

    public static ITensor Multiply(this ImportNode node, ITensor x, MatrixOperation first, ITensor y, MatrixOperation second) =>
        node.Out(node.Network.AddMatrixMultiply(x, first, y, second));

    public static ITensor Concatenate(this ImportNode node, int axis, params ReadOnlySpan<ITensor> tensors)
    {
        IConcatenationLayer layer = node.Network.AddConcatenation(tensors);
        layer.Axis = axis;
        return node.Out(layer);
    }

    /// <summary>The layer under the node's name, and its first output.</summary>
    public static ITensor Out(this ImportNode node, ILayer layer) => node.Named(layer).GetOutput(0);

    /// <summary>The layer under the name of a helper, and its first output.</summary>
    public static ITensor Out(this ImportNode node, ILayer layer, string helper) => node.Helper(layer, helper).GetOutput(0);

    /// <summary>The tensor in a type, through a layer also where it has that type: as NVIDIA's parser does.</summary>
    public static ITensor AddCast(this ImportNode node, ITensor x, DataType type) => node.Out(node.Network.AddCast(x, type), "ONNXTRT_castHelper");

    public static ITensor Identity(this ImportNode node, ITensor x) => node.Out(node.Network.AddIdentity(x), "ONNXTRT_identity");

    /// <summary>A constant of a type from plain numbers.</summary>
    public static ITensor Constant(this ImportNode node, DataType type, Dims dims, params ReadOnlySpan<double> values) =>
        node.Tensor(ConstantValues.Of(values, dims.ToArray(), type));

    /// <summary>A vector of 64-bit integers.</summary>
    public static ITensor Vector(this ImportNode node, params long[] values) => node.Int64s(values);

    /// <summary>One number of the type and rank of a tensor, to be combined with it element by element.</summary>
    public static ITensor Like(this ImportNode node, ITensor x, double value) =>
        node.Constant(x.Type, Extents.Same(x.Dimensions.NbDims, 1), value);

    /// <summary>A scalar float that is cast to a tensor's type and has its rank.</summary>
    public static ITensor CastLike(this ImportNode node, ITensor x, double value) =>
        node.Broadcast(node.AddCast(node.Constant(DataType.Float, default, value), x.Type), x.Dimensions.NbDims);

    /// <summary>Puts extents of 1 before a tensor's own until it has a rank.</summary>
    public static ITensor Broadcast(this ImportNode node, ITensor x, int rank)
    {
        int own = node.Rank(x);
        if (own == rank)
        {
            return x;
        }

        if (own > rank)
        {
            throw node.Unsupported($"A tensor of {own} dimensions cannot be broadcast to {rank}.");
        }

        ShapeValues shape = ShapeValues.Concatenate(node, ShapeValues.Vector(Enumerable.Repeat(1L, rank - own).ToArray()), ShapeValues.Of(node, x));

        // NVIDIA's parser names this layer twice, which counts the numbers of later names up.
        return node.Out(node.Helper(shape.Shuffle(node, x), "ONNXTRT_ShapeShuffle"), "ONNXTRT_Broadcast");
    }

    /// <summary>Both tensors with the higher of their ranks.</summary>
    public static (ITensor X, ITensor Y) Broadcast(this ImportNode node, ITensor x, ITensor y)
    {
        int rank = Math.Max(node.Rank(x), node.Rank(y));
        return (node.Broadcast(x, rank), node.Broadcast(y, rank));
    }

    public static ITensor Unsqueeze(this ImportNode node, ITensor x, params long[] axes)
    {
        ITensor places = node.Vector(axes);
        return node.Out(node.Network.AddUnsqueeze(x, places), "ONNXTRT_unsqueezeTensor");
    }

    public static ITensor Squeeze(this ImportNode node, ITensor x, params long[] axes)
    {
        ITensor places = node.Vector(axes);
        return node.Out(node.Network.AddSqueeze(x, places), "ONNXTRT_squeezeTensor");
    }

    /// <summary>A tensor of one element as a scalar.</summary>
    public static ITensor Scalar(this ImportNode node, ITensor x)
    {
        Dims dims = x.Dimensions;
        if (dims.NbDims == 0)
        {
            return x;
        }

        if (!dims.IsStatic || dims.Volume != 1)
        {
            throw node.Invalid($"A tensor of dimensions {dims} is given where one number is due.");
        }

        IShuffleLayer layer = node.Network.AddShuffle(x);
        layer.ReshapeDimensions = default;
        return node.Out(layer, "ONNXTRT_convertToScalar");
    }

    /// <summary>An input of the node as a scalar; a constant becomes one without a layer to reshape it.</summary>
    public static ITensor Scalar(this ImportNode node, int input) => node.IsConstant(input) && node.Constant(input).Count == 1
        ? node.Tensor(node.Constant(input).Reshaped([]))
        : node.Scalar(node.Tensor(input));

    public static Permutation Order(params ReadOnlySpan<int> axes)
    {
        Permutation order = default;
        for (int i = 0; i < Dims.MaxDims; i++)
        {
            order.Order[i] = i < axes.Length ? axes[i] : i;
        }

        return order;
    }

    /// <summary>A tensor's number of dimensions, refused where the network cannot tell.</summary>
    public static int Rank(this ImportNode node, ITensor x)
    {
        int rank = x.Dimensions.NbDims;
        return rank >= 0 ? rank : throw new InvalidOperationException($"Tensor {x.Name} has no shape; the log says why.");
    }

    /// <summary>The types that an input must not have.</summary>
    public static void RefuseTypes(this ImportNode node, int input, params ReadOnlySpan<DataType> types)
    {
        DataType type = node.Type(input);
        if (types.Contains(type))
        {
            throw node.Unsupported($"Input {input} has type {Types.Short(type)}, which this operator does not take.");
        }
    }

    /// <summary>A tensor of a shape whose elements are all one value, without copies: a slice that does not move.</summary>
    public static ITensor Filled(this ImportNode node, ITensor value, ShapeValues shape)
    {
        shape = ShapeValues.From(node, shape.Tensor(node));
        ShapeValues zeros = shape.Similar(node, 0);
        ITensor whole = shape.Similar(node, 1).Reshape(node, value);
        return node.Out(ShapeValues.Slice(node, whole, zeros, shape, zeros), "ONNXTRT_ShapeSlice");
    }

    /// <summary>Zeros in a tensor's type and shape.</summary>
    public static ITensor Zeros(this ImportNode node, ITensor x)
    {
        ITensor zero = node.AddCast(node.Constant(DataType.Float, default, 0), x.Type);
        return node.Filled(zero, ShapeValues.Of(node, x));
    }

    /// <summary>How long an axis is, as a scalar tensor, or as a vector of one element.</summary>
    public static ITensor AxisLength(this ImportNode node, ITensor x, int axis, bool vector = false)
    {
        ITensor shape = node.AddCast(node.Out(node.Network.AddShape(x), "ONNXTRT_ShapeTensor"), DataType.Int64);
        ITensor one = node.Out(node.Network.AddSlice(shape, new Dims(axis), new Dims(1), new Dims(1)), "ONNXTRT_extractDimension");
        if (vector)
        {
            return one;
        }

        IShuffleLayer layer = node.Network.AddShuffle(one);
        layer.ReshapeDimensions = default;
        return node.Out(layer, "ONNXTRT_extractDimensionReshape");
    }
}

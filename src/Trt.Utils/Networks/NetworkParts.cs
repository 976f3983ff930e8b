using Trt.Interop;

namespace Trt.Utils;

/// <summary>The small layers that modules are made of, each with its name.</summary>
internal static class NetworkParts
{
    /// <summary>Whether the network's release has a member.</summary>
    public static bool Has(this INetworkDefinition network, string member) => TensorRtLibrary.Of(network)?.Supports(member) ?? true;

    /// <summary>Whether the network's release has an enumerator.</summary>
    public static bool Has<T>(this INetworkDefinition network, T enumerator)
        where T : unmanaged, Enum => TensorRtLibrary.Of(network)?.Supports(enumerator) ?? true;

    /// <summary>The module's name, or where it stands for a whole checkpoint its kind.</summary>
    public static string NameOr(this WeightsMap weights, string kind) => weights.Prefix.Length > 0 ? weights.Prefix : kind;

    /// <summary>Names a layer, as nearly as names that are taken allow, and gives its first output.</summary>
    public static ITensor Named(this INetworkDefinition network, ILayer layer, string name)
    {
        layer.Name = NetworkState.Of(network).Unique(name);
        return layer.GetOutput(0);
    }

    /// <summary>A tensor of the checkpoint as weights of a type.</summary>
    public static Weights Weights(this INetworkDefinition network, WeightsMap parameter, DataType type)
    {
        TorchTensor tensor = parameter.Tensor;
        return NetworkState.Of(network).Once(parameter.Prefix, tensor, type, () => WeightsConversion.To(tensor, type));
    }

    /// <summary>The same where there is such a tensor, else no weights.</summary>
    public static Weights OptionalWeights(this INetworkDefinition network, WeightsMap parameter, DataType type) =>
        parameter.IsTensor ? network.Weights(parameter, type) : Trt.Interop.Weights.Empty(type);

    /// <summary>Names weights that a layer was given.</summary>
    public static void NameWeights(this INetworkDefinition network, Weights weights, string name) => NetworkState.Of(network).Name(network, weights, name);

    /// <summary>A tensor of the checkpoint as a constant under its own name.</summary>
    public static ITensor Constant(this INetworkDefinition network, WeightsMap parameter, DataType type, params ReadOnlySpan<long> dims)
    {
        Weights weights = network.Weights(parameter, type);
        ITensor constant = network.Named(network.AddConstant(new Dims(dims), weights), parameter.Prefix);
        network.NameWeights(weights, parameter.Prefix);
        return constant;
    }

    /// <summary>One number with as many axes of 1 as wanted.</summary>
    public static ITensor Number(this INetworkDefinition network, double value, DataType type, int rank, string name) => network.Filled(Same(rank, 1), value, type, name);

    /// <summary>One number again and again.</summary>
    public static ITensor Filled(this INetworkDefinition network, Dims dims, double value, DataType type, string name)
    {
        Weights weights = NetworkState.Of(network).Constant((float)value, dims.Volume, type);
        ITensor constant = network.Named(network.AddConstant(dims, weights), name);
        network.NameWeights(weights, RefitRecipe.ConstantName((float)value, dims.Volume, type));
        return constant;
    }

    /// <summary>Whole numbers; a scalar when <paramref name="isScalar"/>.</summary>
    public static ITensor Integers(this INetworkDefinition network, DataType type, string name, bool isScalar, params ReadOnlySpan<long> values)
    {
        Weights weights = type == DataType.Int64
            ? Trt.Interop.Weights.From<long>(values.ToArray())
            : Trt.Interop.Weights.From<int>(Array.ConvertAll(values.ToArray(), checked(value => (int)value)));
        return network.Named(network.AddConstant(isScalar ? [] : [values.Length], weights), name);
    }

    public static Dims Same(int rank, long extent)
    {
        Dims dims = new() { NbDims = rank };
        for (int i = 0; i < rank; i++)
        {
            dims[i] = extent;
        }

        return dims;
    }

    public static ITensor ElementWise(this INetworkDefinition network, ITensor x, ITensor y, ElementWiseOperation operation, string name) =>
        network.Named(network.AddElementWise(x, y, operation), name);

    public static ITensor Unary(this INetworkDefinition network, ITensor x, UnaryOperation operation, string name) => network.Named(network.AddUnary(x, operation), name);

    /// <summary>x times the transposed weights, as all of PyTorch's linear maps.</summary>
    public static ITensor TimesTransposed(this INetworkDefinition network, ITensor x, ITensor weights, string name) =>
        network.Named(network.AddMatrixMultiply(x, MatrixOperation.None, weights, MatrixOperation.Transpose), name);

    /// <summary>A reshape, in which 0 keeps an extent of the input and −1 stands for what is left, between two transpositions.</summary>
    public static ITensor Shuffle(this INetworkDefinition network, ITensor x, string name, ReadOnlySpan<int> first, Dims? reshape, ReadOnlySpan<int> second)
    {
        IShuffleLayer layer = network.AddShuffle(x);
        if (first.Length > 0)
        {
            layer.FirstTranspose = Order(first);
        }

        if (reshape is { } dims)
        {
            layer.ReshapeDimensions = dims;
        }

        if (second.Length > 0)
        {
            layer.SecondTranspose = Order(second);
        }

        return network.Named(layer, name);
    }

    public static ITensor Reshape(this INetworkDefinition network, ITensor x, Dims dims, string name) => network.Shuffle(x, name, [], dims, []);

    public static ITensor Transpose(this INetworkDefinition network, ITensor x, string name, params ReadOnlySpan<int> order) => network.Shuffle(x, name, order, null, []);

    public static ITensor Mean(this INetworkDefinition network, ITensor x, uint axes, string name) => network.Named(network.AddReduce(x, ReduceOperation.Avg, axes, true), name);

    /// <summary>One extent of a tensor as a value: a scalar, or a vector of one number.</summary>
    public static ITensor Extent(this INetworkDefinition network, ITensor x, int axis, bool isScalar, string name)
    {
        ITensor shape = network.Named(network.AddShape(x), name + "/shape");
        ITensor place = network.Integers(DataType.Int32, name + "/axis", isScalar, axis);
        return network.Named(network.AddGather(shape, place, 0), name);
    }

    public static ITensor Concatenate(this INetworkDefinition network, ReadOnlySpan<ITensor> parts, int axis, string name)
    {
        IConcatenationLayer layer = network.AddConcatenation(parts);
        layer.Axis = axis;
        return network.Named(layer, name);
    }

    private static Permutation Order(ReadOnlySpan<int> order)
    {
        Permutation permutation = default;
        for (int i = 0; i < order.Length; i++)
        {
            permutation.Order[i] = order[i];
        }

        return permutation;
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's normalizations, in inference, as layers of a network.</summary>
/// <remarks>
/// Where the release has a normalization layer, that is used; else the same is built of element-wise layers. Weights become the type of the input, are named like the parameters, and are read when the
/// engine is built.
/// </remarks>
public static class NormalizationModules
{
    /// <summary>torch.nn.BatchNorm1d, 2d and 3d: a factor and a term for each channel.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C] or [N, C, …].</param>
    /// <param name="weights">The module: <c>running_mean</c>, <c>running_var</c> and, where there are such, <c>weight</c> and <c>bias</c>, each [C].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of the input.</returns>
    /// <remarks>
    /// Factor and term are computed from the four tensors and named <c>scale(bn1)</c> and <c>shift(bn1)</c>, which <see cref="RefitRecipe"/> reads. After a convolution,
    /// <see cref="ConvolutionModules.Conv2dBatchNorm"/> needs no layer for it at all.
    /// </remarks>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor BatchNorm(this INetworkDefinition network, ITensor input, WeightsMap weights, float epsilon = BatchNormFold.DefaultEpsilon)
    {
        Dims dims = Check(network, input, weights, "BatchNorm", 2);
        long channels = dims[1] >= 0 ? dims[1] : weights["running_mean"].Tensor.ElementCount;
        DataType type = input.Type;
        BatchNormFold fold = new(weights, epsilon, channels);
        NetworkState state = NetworkState.Of(network);
        string scaleName = RefitRecipe.ScaleName(weights, epsilon);
        string shiftName = RefitRecipe.ShiftName(weights, epsilon);
        Weights scale = state.Once(scaleName, weights["running_var"].Tensor, type, () => WeightsConversion.From(fold.Scale(), type));
        Weights shift = state.Once(shiftName, weights["running_mean"].Tensor, type, () => WeightsConversion.From(fold.Shift(), type));
        string name = weights.NameOr("BatchNorm");
        ITensor output;
        if (dims.NbDims >= 4)
        {
            output = network.Named(network.AddScaleNd(input, ScaleMode.Channel, shift, scale, Weights.Empty(type), 1), name);
        }
        else
        {
            // A scale layer wants two axes behind the channels.
            Dims around = PerChannel(dims.NbDims, channels);
            ITensor factors = network.Named(network.AddConstant(around, scale), scaleName);
            ITensor terms = network.Named(network.AddConstant(around, shift), shiftName);
            output = network.ElementWise(network.ElementWise(input, factors, ElementWiseOperation.Prod, name + "/scale"), terms, ElementWiseOperation.Sum, name);
        }

        network.NameWeights(scale, scaleName);
        network.NameWeights(shift, shiftName);
        return output;
    }

    /// <summary>torch.nn.LayerNorm: over the last axes, as many as <c>weight</c> has.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Two axes at least.</param>
    /// <param name="weights">The module: <c>weight</c> and, where there is one, <c>bias</c>, of the shape that is normalized.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of the input.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor LayerNorm(this INetworkDefinition network, ITensor input, WeightsMap weights, float epsilon = 1e-5f)
    {
        Dims dims = Check(network, input, weights, "LayerNorm", 2);
        int axes = weights["weight"].Tensor.Shape.Length;
        if (axes < 1 || axes >= dims.NbDims)
        {
            throw Expect.Wrong(weights["weight"], $"which is no shape of the last axes of an input {dims}");
        }

        ReadOnlySpan<long> normalized = dims.ToArray().AsSpan()[^axes..];
        string name = weights.NameOr("LayerNorm");
        ITensor scale = Parameter(network, input, weights["weight"], normalized, 1, name);
        ITensor bias = Parameter(network, input, weights["bias"], normalized, 0, name);
        uint mask = ((1u << dims.NbDims) - 1) & ~((1u << (dims.NbDims - axes)) - 1);
        if (HasLayer(network))
        {
            INormalizationLayer layer = network.AddNormalization(input, scale, bias, mask);
            layer.Epsilon = epsilon;
            return network.Named(layer, name);
        }

        return Affine(network, Standardized(network, input, mask, epsilon, name), scale, bias, name);
    }

    /// <summary>torch.nn.GroupNorm: over each group of channels and all that is behind them.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, …], three axes at least.</param>
    /// <param name="weights">The module: <c>weight</c> and <c>bias</c> [C], where there are such.</param>
    /// <param name="groups">How many groups; divides the channels. The checkpoint does not tell.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of the input.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor GroupNorm(this INetworkDefinition network, ITensor input, WeightsMap weights, long groups, float epsilon = 1e-5f)
    {
        Dims dims = Check(network, input, weights, "GroupNorm", 3);
        if (groups < 1 || dims[1] % groups != 0)
        {
            throw new ArgumentException($"GroupNorm \"{weights.Prefix}\" has {groups} groups, which do not divide the {dims[1]} channels of its input.", nameof(groups));
        }

        return Grouped(network, input, weights, groups, epsilon, weights.NameOr("GroupNorm"));
    }

    /// <summary>torch.nn.InstanceNorm1d, 2d and 3d: over all that is behind each channel.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, …], three axes at least.</param>
    /// <param name="weights">The module: <c>weight</c> and <c>bias</c> [C], where there are such. With <c>running_mean</c> it is a batch normalization in inference, as in PyTorch.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of the input.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor InstanceNorm(this INetworkDefinition network, ITensor input, WeightsMap weights, float epsilon = 1e-5f)
    {
        Dims dims = Check(network, input, weights, "InstanceNorm", 3);
        return weights["running_mean"].IsTensor ? network.BatchNorm(input, weights, epsilon) : Grouped(network, input, weights, dims[1], epsilon, weights.NameOr("InstanceNorm"));
    }

    private static bool HasLayer(INetworkDefinition network) => network.Has("INetworkDefinition.addNormalization");

    private static ITensor Grouped(INetworkDefinition network, ITensor input, WeightsMap weights, long groups, float epsilon, string name)
    {
        Dims dims = input.Dimensions;
        int rank = dims.NbDims;
        long channels = dims[1];
        uint space = ((1u << rank) - 1) & ~3u;
        ITensor normal;
        if (HasLayer(network))
        {
            // The first form of the layer has a factor for each group only, so those of the channels come behind it. It divides channels into several groups, or not at all:
            // a group for each channel is every axis behind them, a single group those and the channels.
            bool isDivided = groups > 1 && groups < channels;
            uint axes = groups == 1 && channels > 1 ? space | (1u << 1) : space;
            Dims around = PerChannel(rank, groups);
            ITensor one = network.Filled(around, 1, input.Type, name + "/one");
            ITensor zero = network.Filled(around, 0, input.Type, name + "/zero");
            INormalizationLayer layer = network.AddNormalization(input, one, zero, axes);
            layer.NbGroups = isDivided ? groups : 1;
            layer.Epsilon = epsilon;
            normal = network.Named(layer, name + "/normal");
        }
        else
        {
            ITensor shape = network.Named(network.AddShape(input), name + "/shape");
            ITensor grouped = network.Reshape(input, [0, groups, -1], name + "/groups");
            IShuffleLayer back = network.AddShuffle(Standardized(network, grouped, 1u << 2, epsilon, name));
            back.SetInput(1, shape);
            normal = network.Named(back, name + "/normal");
        }

        ITensor scale = PerChannelParameter(network, normal, weights["weight"], 1, name);
        ITensor bias = PerChannelParameter(network, normal, weights["bias"], 0, name);
        return Affine(network, normal, scale, bias, name);
    }

    /// <summary>(x − mean) / √(variance + ε).</summary>
    private static ITensor Standardized(INetworkDefinition network, ITensor x, uint axes, float epsilon, string name)
    {
        ITensor centred = network.ElementWise(x, network.Mean(x, axes, name + "/mean"), ElementWiseOperation.Sub, name + "/centred");
        ITensor variance = network.Mean(network.ElementWise(centred, centred, ElementWiseOperation.Prod, name + "/squares"), axes, name + "/variance");
        ITensor small = network.Number(epsilon, x.Type, x.Dimensions.NbDims, name + "/epsilon");
        ITensor deviation = network.Unary(network.ElementWise(variance, small, ElementWiseOperation.Sum, name + "/sum"), UnaryOperation.Sqrt, name + "/deviation");
        return network.ElementWise(centred, deviation, ElementWiseOperation.Div, name + "/standardized");
    }

    private static ITensor Affine(INetworkDefinition network, ITensor x, ITensor scale, ITensor bias, string name) =>
        network.ElementWise(network.ElementWise(x, scale, ElementWiseOperation.Prod, name + "/scale"), bias, ElementWiseOperation.Sum, name);

    /// <summary>A parameter with axes of 1 in front; where there is none, a number.</summary>
    private static ITensor Parameter(INetworkDefinition network, ITensor x, WeightsMap parameter, ReadOnlySpan<long> shape, double otherwise, string name)
    {
        int rank = x.Dimensions.NbDims;
        if (!parameter.IsTensor)
        {
            Dims dims = NetworkParts.Same(rank, 1);
            for (int i = 1; i <= shape.Length; i++)
            {
                dims[rank - i] = shape[^i];
            }

            return network.Filled(dims, otherwise, x.Type, name + (otherwise == 0 ? "/no bias" : "/no weight"));
        }

        parameter.Expect(shape);
        long[] around = new long[rank];
        Array.Fill(around, 1);
        parameter.Tensor.Shape.CopyTo(around, rank - shape.Length);
        return network.Constant(parameter, x.Type, around);
    }

    private static ITensor PerChannelParameter(INetworkDefinition network, ITensor x, WeightsMap parameter, double otherwise, string name)
    {
        Dims dims = x.Dimensions;
        if (!parameter.IsTensor)
        {
            return network.Number(otherwise, x.Type, dims.NbDims, name + (otherwise == 0 ? "/no bias" : "/no weight"));
        }

        TorchTensor tensor = parameter.Expect(dims[1]).Tensor;
        return network.Constant(parameter, x.Type, PerChannel(dims.NbDims, tensor.ElementCount).AsSpan());
    }

    private static Dims PerChannel(int rank, long channels)
    {
        Dims dims = NetworkParts.Same(rank, 1);
        dims[1] = channels;
        return dims;
    }

    private static Dims Check(INetworkDefinition network, ITensor input, WeightsMap weights, string module, int least)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        Dims dims = input.Dimensions;
        return dims.NbDims >= least
            ? dims
            : throw new ArgumentException($"{module} \"{weights.Prefix}\" takes an input of {least} axes or more, but \"{input.Name}\" is {dims}.");
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's activations as layers of a network. What a release has no layer for is built of several.</summary>
public static class ActivationModules
{
    /// <summary>max(x, 0).</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <returns>The shape of the input.</returns>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor Relu(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.Relu).GetOutput(0);

    /// <summary>x between 0 and 6.</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Relu6(this INetworkDefinition network, ITensor input) => network.Clip(input, 0, 6);

    /// <summary>x where it is positive, else x times a slope.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="negativeSlope">The slope below 0.</param>
    /// <inheritdoc cref="Relu" path="/returns|/exception"/>
    public static ITensor LeakyRelu(this INetworkDefinition network, ITensor input, float negativeSlope = 0.01f) => Add(network, input, ActivationType.LeakyRelu, negativeSlope).GetOutput(0);

    /// <summary>x where it is positive, else x times the channel's slope.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, …].</param>
    /// <param name="weights">The module: <c>weight</c>, [C] or of one element.</param>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/returns|/exception"/>
    public static ITensor PRelu(this INetworkDefinition network, ITensor input, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        Dims dims = input.Dimensions;
        TorchTensor slope = weights.Expect("weight", -1).Tensor;
        if (dims.NbDims < 2 || (slope.ElementCount != 1 && slope.ElementCount != dims[1]))
        {
            throw Expect.Wrong(weights["weight"], $"which must be one slope or one for each channel of its input {dims}");
        }

        Dims around = NetworkParts.Same(dims.NbDims, 1);
        around[1] = slope.ElementCount;
        return network.Named(network.AddParametricReLU(input, network.Constant(weights["weight"], input.Type, around.AsSpan())), weights.NameOr("PReLU"));
    }

    /// <summary>x where it is positive, else alpha (exp(x) − 1).</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="alpha">The negative of the limit at −∞.</param>
    /// <inheritdoc cref="Relu" path="/returns|/exception"/>
    public static ITensor Elu(this INetworkDefinition network, ITensor input, float alpha = 1) => Add(network, input, ActivationType.Elu, alpha).GetOutput(0);

    /// <summary>The self-normalizing exponential unit.</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Selu(this INetworkDefinition network, ITensor input) =>
        Add(network, input, ActivationType.Selu, 1.6732632423543772848170429916717f, 1.0507009873554804934193349852946f).GetOutput(0);

    /// <summary>x Φ(x), Φ being the normal distribution function.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="tanh">Whether Φ is approximated by a tanh, as with PyTorch's <c>approximate="tanh"</c>.</param>
    /// <inheritdoc cref="Relu" path="/returns|/exception"/>
    public static ITensor Gelu(this INetworkDefinition network, ITensor input, bool tanh = false)
    {
        Check(network, input);
        ActivationType type = tanh ? ActivationType.GeluTanh : ActivationType.GeluErf;
        if (network.Has(type))
        {
            return Add(network, input, type).GetOutput(0);
        }

        ITensor inner = tanh
            ? Times(network, network.Sum(input, Times(network, Product(network, Product(network, input, input), input), 0.044715)), Math.Sqrt(2 / Math.PI))
            : Times(network, input, Math.Sqrt(0.5));
        ITensor curve = tanh ? network.Tanh(inner) : network.AddUnary(inner, UnaryOperation.Erf).GetOutput(0);
        ITensor half = Times(network, input, 0.5);
        return network.Sum(half, Product(network, half, curve));
    }

    /// <summary>x · sigmoid(x), also called swish.</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Silu(this INetworkDefinition network, ITensor input) => Product(network, input, network.Sigmoid(input));

    /// <summary>x · tanh(softplus(x)).</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Mish(this INetworkDefinition network, ITensor input) => Product(network, input, network.Tanh(network.Softplus(input)));

    /// <summary>1 / (1 + exp(−x)).</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Sigmoid(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.Sigmoid).GetOutput(0);

    /// <summary>The hyperbolic tangent.</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Tanh(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.Tanh).GetOutput(0);

    /// <summary>x / 6 + 1/2 between 0 and 1.</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor HardSigmoid(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.HardSigmoid, 1f / 6, 0.5f).GetOutput(0);

    /// <summary>x · hard sigmoid(x).</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor HardSwish(this INetworkDefinition network, ITensor input) => Product(network, input, network.HardSigmoid(input));

    /// <summary>log(1 + exp(x)).</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Softplus(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.Softplus, 1, 1).GetOutput(0);

    /// <summary>x / (1 + |x|).</summary>
    /// <inheritdoc cref="Relu"/>
    public static ITensor Softsign(this INetworkDefinition network, ITensor input) => Add(network, input, ActivationType.Softsign).GetOutput(0);

    /// <summary>x between two limits, as torch.clamp and torch.nn.Hardtanh.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="least">The lower limit.</param>
    /// <param name="greatest">The upper limit.</param>
    /// <inheritdoc cref="Relu" path="/returns|/exception"/>
    public static ITensor Clip(this INetworkDefinition network, ITensor input, float least, float greatest) => Add(network, input, ActivationType.Clip, least, greatest).GetOutput(0);

    /// <summary>exp(x) over the sum of exp(x) along an axis.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <inheritdoc cref="Relu" path="/returns|/exception"/>
    public static ITensor Softmax(this INetworkDefinition network, ITensor input, int axis = -1)
    {
        Check(network, input);
        ISoftMaxLayer layer = network.AddSoftMax(input);
        layer.Axes = 1u << TensorModules.Axis(input, axis);
        return layer.GetOutput(0);
    }

    /// <summary>The logarithm of <see cref="Softmax"/>, computed so that it does not underflow: x − max − log(sum(exp(x − max))).</summary>
    /// <inheritdoc cref="Softmax"/>
    public static ITensor LogSoftmax(this INetworkDefinition network, ITensor input, int axis = -1)
    {
        Check(network, input);
        uint axes = 1u << TensorModules.Axis(input, axis);
        ITensor greatest = network.AddReduce(input, ReduceOperation.Max, axes, true).GetOutput(0);
        ITensor below = network.AddElementWise(input, greatest, ElementWiseOperation.Sub).GetOutput(0);
        ITensor sum = network.AddReduce(network.AddUnary(below, UnaryOperation.Exp).GetOutput(0), ReduceOperation.Sum, axes, true).GetOutput(0);
        return network.AddElementWise(below, network.AddUnary(sum, UnaryOperation.Log).GetOutput(0), ElementWiseOperation.Sub).GetOutput(0);
    }

    private static IActivationLayer Add(INetworkDefinition network, ITensor input, ActivationType type, float? alpha = null, float? beta = null)
    {
        Check(network, input);
        IActivationLayer layer = network.AddActivation(input, type);
        layer.Alpha = alpha ?? layer.Alpha;
        layer.Beta = beta ?? layer.Beta;
        return layer;
    }

    private static ITensor Product(INetworkDefinition network, ITensor x, ITensor y) => network.AddElementWise(x, y, ElementWiseOperation.Prod).GetOutput(0);

    private static ITensor Times(INetworkDefinition network, ITensor x, double factor)
    {
        return Product(network, x, network.Number(factor, x.Type, x.Dimensions.NbDims, "GELU/factor"));
    }

    private static ITensor Sum(this INetworkDefinition network, ITensor x, ITensor y) => network.AddElementWise(x, y, ElementWiseOperation.Sum).GetOutput(0);

    private static void Check(INetworkDefinition network, ITensor input)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>A member of torch.nn.Sequential: something that makes a tensor of a tensor, with the weights of its place.</summary>
/// <remarks>The numbers of modules count in PyTorch's names, those without weights too: write <see cref="Identity"/> for what does nothing in inference, such as dropout.</remarks>
public abstract class Module
{
    private protected Module()
    {
    }

    /// <summary>Nothing: Dropout, Identity.</summary>
    public static Module Identity { get; } = From(static (_, x, _) => x);

    /// <summary>See <see cref="ActivationModules.Relu"/>.</summary>
    public static Module Relu { get; } = From(static (network, x, _) => network.Relu(x));

    /// <summary>See <see cref="ActivationModules.Relu6"/>.</summary>
    public static Module Relu6 { get; } = From(static (network, x, _) => network.Relu6(x));

    /// <summary>See <see cref="ActivationModules.Silu"/>.</summary>
    public static Module Silu { get; } = From(static (network, x, _) => network.Silu(x));

    /// <summary>See <see cref="ActivationModules.Gelu"/>.</summary>
    public static Module Gelu { get; } = From(static (network, x, _) => network.Gelu(x));

    /// <summary>See <see cref="ActivationModules.Sigmoid"/>.</summary>
    public static Module Sigmoid { get; } = From(static (network, x, _) => network.Sigmoid(x));

    /// <summary>See <see cref="ActivationModules.Tanh"/>.</summary>
    public static Module Tanh { get; } = From(static (network, x, _) => network.Tanh(x));

    /// <summary>See <see cref="ActivationModules.HardSwish"/>.</summary>
    public static Module HardSwish { get; } = From(static (network, x, _) => network.HardSwish(x));

    /// <summary>See <see cref="LinearModules.Linear"/>.</summary>
    public static Module Linear { get; } = From(static (network, x, weights) => network.Linear(x, weights));

    /// <summary>See <see cref="TensorModules.Flatten"/>.</summary>
    public static Module Flatten { get; } = From(static (network, x, _) => network.Flatten(x));

    /// <summary>Anything: what a delegate adds.</summary>
    /// <param name="define">Adds layers for a tensor, with the weights of the module's place.</param>
    public static Module From(Func<INetworkDefinition, ITensor, WeightsMap, ITensor> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        return new Definition(define);
    }

    /// <summary>See <see cref="ConvolutionModules.Conv2d"/>. Right before a <see cref="BatchNorm"/> both become one convolution.</summary>
    /// <param name="stride">Steps; 1 when null.</param>
    /// <param name="padding">Zeros on each side; 0 when null.</param>
    /// <param name="dilation">Distance of the kernel's elements; 1 when null.</param>
    /// <param name="groups">Groups of channels.</param>
    public static Module Conv2d(DimsHW? stride = null, DimsHW? padding = null, DimsHW? dilation = null, long groups = 1) => new Convolution(stride, padding, dilation, groups);

    /// <summary>See <see cref="ConvolutionModules.ConvTranspose2d"/>.</summary>
    /// <param name="stride">Steps between what neighbours of the input write to; 1 when null.</param>
    /// <param name="padding">Rows and columns left out on each side of the output; 0 when null.</param>
    public static Module ConvTranspose2d(DimsHW? stride = null, DimsHW? padding = null) => From((network, x, weights) => network.ConvTranspose2d(x, weights, stride, padding));

    /// <summary>See <see cref="NormalizationModules.BatchNorm"/>.</summary>
    /// <param name="epsilon">Added to the variance.</param>
    public static Module BatchNorm(float epsilon = BatchNormFold.DefaultEpsilon) => new Normalization(epsilon);

    /// <summary>See <see cref="NormalizationModules.LayerNorm"/>.</summary>
    /// <param name="epsilon">Added to the variance.</param>
    public static Module LayerNorm(float epsilon = 1e-5f) => From((network, x, weights) => network.LayerNorm(x, weights, epsilon));

    /// <summary>See <see cref="NormalizationModules.GroupNorm"/>.</summary>
    /// <param name="groups">How many groups.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public static Module GroupNorm(long groups, float epsilon = 1e-5f) => From((network, x, weights) => network.GroupNorm(x, weights, groups, epsilon));

    /// <summary>See <see cref="PoolingModules.MaxPool2d"/>.</summary>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Steps; the window's size when null.</param>
    /// <param name="padding">Rows and columns that do not count on each side; 0 when null.</param>
    public static Module MaxPool2d(DimsHW window, DimsHW? stride = null, DimsHW? padding = null) => From((network, x, _) => network.MaxPool2d(x, window, stride, padding));

    /// <summary>See <see cref="PoolingModules.AdaptiveAvgPool2d"/>.</summary>
    /// <param name="output">Height and width of the output; 1 when null.</param>
    public static Module AdaptiveAvgPool2d(DimsHW? output = null) => From((network, x, _) => network.AdaptiveAvgPool2d(x, output));

    /// <summary>Adds the module's layers.</summary>
    internal abstract ITensor Define(INetworkDefinition network, ITensor input, WeightsMap weights);

    /// <summary>The module together with the one after it, where that is less than both.</summary>
    internal virtual ITensor? DefineWith(Module next, INetworkDefinition network, ITensor input, WeightsMap weights, WeightsMap nextWeights) => null;

    private sealed class Definition(Func<INetworkDefinition, ITensor, WeightsMap, ITensor> define) : Module
    {
        internal override ITensor Define(INetworkDefinition network, ITensor input, WeightsMap weights) => define(network, input, weights);
    }

    private sealed class Normalization(float epsilon) : Module
    {
        public float Epsilon => epsilon;

        internal override ITensor Define(INetworkDefinition network, ITensor input, WeightsMap weights) => network.BatchNorm(input, weights, epsilon);
    }

    private sealed class Convolution(DimsHW? stride, DimsHW? padding, DimsHW? dilation, long groups) : Module
    {
        internal override ITensor Define(INetworkDefinition network, ITensor input, WeightsMap weights) => network.Conv2d(input, weights, stride, padding, dilation, groups);

        internal override ITensor? DefineWith(Module next, INetworkDefinition network, ITensor input, WeightsMap weights, WeightsMap nextWeights) => next is Normalization normalization
            ? network.Conv2dBatchNorm(input, weights, nextWeights, stride, padding, dilation, groups, normalization.Epsilon)
            : null;
    }
}

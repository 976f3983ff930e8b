using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's convolutions as layers of a network.</summary>
/// <remarks>
/// The layer is named like the module (<c>conv1</c>), its weights like the parameters (<c>conv1.weight</c>, <c>conv1.bias</c>), so that a refit finds them by PyTorch's names. Weights become the type of the
/// input. They are read when the engine is built: the checkpoint must stay open until then.
/// </remarks>
public static class ConvolutionModules
{
    private const string Form = "of four axes, batch, channels, height and width";

    /// <summary>torch.nn.Conv2d.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weights">The module: <c>weight</c> [outputs, C / groups, height, width] and, where there is one, <c>bias</c> [outputs].</param>
    /// <param name="stride">Steps; 1 when null.</param>
    /// <param name="padding">Zeros on each side; 0 when null.</param>
    /// <param name="dilation">Distance of the kernel's elements; 1 when null.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <returns>[N, outputs, H', W'].</returns>
    /// <exception cref="KeyNotFoundException">A tensor is missing; the message names it.</exception>
    /// <exception cref="WeightShapeException">A tensor's shape does not fit; the message names it.</exception>
    /// <exception cref="ArgumentException">The input, or a number, does not fit the module.</exception>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor Conv2d(this INetworkDefinition network, ITensor input, WeightsMap weights, DimsHW? stride = null, DimsHW? padding = null, DimsHW? dilation = null, long groups = 1)
    {
        Check(network, input, weights);
        CheckKernel(input, weights, groups);
        WeightsMap kernel = weights["weight"];
        WeightsMap bias = weights["bias"];
        if (bias.IsTensor)
        {
            bias.Expect(kernel.Tensor.Shape[0]);
        }

        return Add(network, input, weights, (network.Weights(kernel, input.Type), kernel.Prefix), (network.OptionalWeights(bias, input.Type), bias.Prefix), stride, padding, dilation, groups);
    }

    /// <summary>torch.nn.Conv2d and the BatchNorm2d after it as one convolution, whose kernel and bias are computed from both.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weights">The convolution, see <see cref="Conv2d"/>.</param>
    /// <param name="batchNorm">The normalization: <c>running_mean</c>, <c>running_var</c> and, where there are such, <c>weight</c> and <c>bias</c>, each [outputs].</param>
    /// <param name="stride">Steps; 1 when null.</param>
    /// <param name="padding">Zeros on each side; 0 when null.</param>
    /// <param name="dilation">Distance of the kernel's elements; 1 when null.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>[N, outputs, H', W'].</returns>
    /// <remarks>The weights are named after what they are computed from, such as <c>kernel(conv1.weight, bn1)</c>, which <see cref="RefitRecipe"/> reads.</remarks>
    /// <inheritdoc cref="Conv2d" path="/exception"/>
    public static ITensor Conv2dBatchNorm(
        this INetworkDefinition network,
        ITensor input,
        WeightsMap weights,
        WeightsMap batchNorm,
        DimsHW? stride = null,
        DimsHW? padding = null,
        DimsHW? dilation = null,
        long groups = 1,
        float epsilon = BatchNormFold.DefaultEpsilon)
    {
        Check(network, input, weights);
        ArgumentNullException.ThrowIfNull(batchNorm);
        CheckKernel(input, weights, groups);
        BatchNormFold fold = new(batchNorm, epsilon, weights["weight"].Tensor.Shape[0]);
        NetworkState state = NetworkState.Of(network);
        DataType type = input.Type;
        string kernelName = RefitRecipe.KernelName(weights["weight"], batchNorm, epsilon);
        string biasName = RefitRecipe.BiasName(weights["bias"], batchNorm, epsilon);
        Weights kernel = state.Once(kernelName, weights["weight"].Tensor, type, () => WeightsConversion.From(fold.Kernel(weights["weight"]), type));
        Weights bias = state.Once(biasName, batchNorm["running_mean"].Tensor, type, () => WeightsConversion.From(fold.Bias(weights["bias"]), type));
        return Add(network, input, weights, (kernel, kernelName), (bias, biasName), stride, padding, dilation, groups);
    }

    /// <summary>torch.nn.ConvTranspose2d.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weights">The module: <c>weight</c> [C, outputs / groups, height, width] and, where there is one, <c>bias</c> [outputs].</param>
    /// <param name="stride">Steps between what neighbours of the input write to; 1 when null.</param>
    /// <param name="padding">Rows and columns left out on each side of the output; 0 when null.</param>
    /// <param name="outputPadding">Rows and columns that the output has more at its ends; 0 when null, else at most the padding.</param>
    /// <param name="dilation">Distance of the kernel's elements; 1 when null.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <returns>[N, outputs, H', W'].</returns>
    /// <inheritdoc cref="Conv2d" path="/exception"/>
    public static ITensor ConvTranspose2d(
        this INetworkDefinition network,
        ITensor input,
        WeightsMap weights,
        DimsHW? stride = null,
        DimsHW? padding = null,
        DimsHW? outputPadding = null,
        DimsHW? dilation = null,
        long groups = 1)
    {
        Check(network, input, weights);
        DimsHW before = padding ?? 0;
        DimsHW more = outputPadding ?? 0;
        if (more.Height > before.Height || more.Width > before.Width)
        {
            throw new ArgumentException($"ConvTranspose2d \"{weights.Prefix}\" has an output padding of {more} with a padding of {before}: TensorRT has no output padding beyond the padding. Pad its input or output instead.", nameof(outputPadding));
        }

        long channels = Expect.Rank(input, weights, "ConvTranspose2d", 4, Form)[1];
        WeightsMap kernelTensor = weights["weight"];
        TorchTensor shape = kernelTensor.Expect(channels, -1, -1, -1).Tensor;
        long outputs = shape.Shape[1] * groups;
        if (weights["bias"].IsTensor)
        {
            weights.Expect("bias", outputs);
        }

        Weights kernel = network.Weights(kernelTensor, input.Type);
        Weights bias = network.OptionalWeights(weights["bias"], input.Type);
        IDeconvolutionLayer layer = network.AddDeconvolutionNd(input, outputs, [shape.Shape[2], shape.Shape[3]], kernel, bias);
        layer.StrideNd = (stride ?? 1).ToDims();
        layer.PrePadding = before.ToDims();
        layer.PostPadding = [before.Height - more.Height, before.Width - more.Width];
        layer.DilationNd = (dilation ?? 1).ToDims();
        layer.NbGroups = groups;
        ITensor output = network.Named(layer, weights.NameOr("ConvTranspose2d"));
        network.NameWeights(kernel, kernelTensor.Prefix);
        network.NameWeights(bias, weights["bias"].Prefix);
        return output;
    }

    private static void Check(INetworkDefinition network, ITensor input, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
    }

    private static void CheckKernel(ITensor input, WeightsMap weights, long groups)
    {
        long channels = Expect.Rank(input, weights, "Conv2d", 4, Form)[1];
        WeightsMap kernel = weights["weight"];
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (channels % groups != 0)
        {
            throw new ArgumentException($"Conv2d \"{weights.Prefix}\" has {groups} groups, which do not divide the {channels} channels of its input.");
        }

        TorchTensor tensor = kernel.Expect(-1, channels / groups, -1, -1).Tensor;
        if (tensor.Shape[0] % groups != 0)
        {
            throw Expect.Wrong(kernel, $"whose outputs do not divide into {groups} groups");
        }
    }

    private static ITensor Add(
        INetworkDefinition network,
        ITensor input,
        WeightsMap weights,
        (Weights Weights, string Name) kernel,
        (Weights Weights, string Name) bias,
        DimsHW? stride,
        DimsHW? padding,
        DimsHW? dilation,
        long groups)
    {
        TorchTensor shape = weights["weight"].Tensor;
        IConvolutionLayer layer = network.AddConvolutionNd(input, shape.Shape[0], [shape.Shape[2], shape.Shape[3]], kernel.Weights, bias.Weights);
        layer.StrideNd = (stride ?? 1).ToDims();
        layer.PaddingNd = (padding ?? 0).ToDims();
        layer.DilationNd = (dilation ?? 1).ToDims();
        layer.NbGroups = groups;
        ITensor output = network.Named(layer, weights.NameOr("Conv2d"));
        network.NameWeights(kernel.Weights, kernel.Name);
        network.NameWeights(bias.Weights, bias.Name);
        return output;
    }
}

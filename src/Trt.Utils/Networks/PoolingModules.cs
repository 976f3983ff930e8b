using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's poolings of pictures as layers of a network.</summary>
public static class PoolingModules
{
    /// <summary>torch.nn.MaxPool2d.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Steps; the window's size when null.</param>
    /// <param name="padding">Rows and columns that do not count on each side; 0 when null.</param>
    /// <param name="ceilMode">Whether windows that only begin inside count too.</param>
    /// <returns>[N, C, H', W'].</returns>
    /// <exception cref="ArgumentException">In ceil mode PyTorch and TensorRT would give different sizes for these numbers.</exception>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor MaxPool2d(this INetworkDefinition network, ITensor input, DimsHW window, DimsHW? stride = null, DimsHW? padding = null, bool ceilMode = false) =>
        Pool(network, input, PoolingType.Max, window, stride, padding, ceilMode).GetOutput(0);

    /// <summary>torch.nn.AvgPool2d.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="window">Height and width of the window.</param>
    /// <param name="stride">Steps; the window's size when null.</param>
    /// <param name="padding">Zeros on each side; 0 when null.</param>
    /// <param name="ceilMode">Whether windows that only begin inside count too.</param>
    /// <param name="countIncludePad">Whether the zeros count in the mean.</param>
    /// <inheritdoc cref="MaxPool2d" path="/returns|/exception"/>
    public static ITensor AvgPool2d(
        this INetworkDefinition network, ITensor input, DimsHW window, DimsHW? stride = null, DimsHW? padding = null, bool ceilMode = false, bool countIncludePad = true)
    {
        bool isPadded = (padding ?? 0) != 0;
        if (ceilMode && countIncludePad && isPadded)
        {
            throw new ArgumentException("An average pooling in ceil mode that counts its padding has no layer in TensorRT: what lies beyond the padding would count too. Pad the input first.", nameof(ceilMode));
        }

        IPoolingLayer layer = Pool(network, input, PoolingType.Average, window, stride, padding, ceilMode);
        layer.AverageCountExcludesPadding = !(countIncludePad && isPadded);
        return layer.GetOutput(0);
    }

    /// <summary>torch.nn.AdaptiveAvgPool2d: means over windows that share the picture evenly.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W]; for an output larger than 1 height and width must be known and multiples of the output's.</param>
    /// <param name="output">Height and width of the output; 1 when null: the mean of each channel.</param>
    /// <returns>[N, C, output].</returns>
    /// <exception cref="ArgumentException">The output's size does not divide the input's, or that is not known.</exception>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor AdaptiveAvgPool2d(this INetworkDefinition network, ITensor input, DimsHW? output = null)
    {
        Dims dims = Check(network, input);
        DimsHW size = output ?? 1;
        if (size == 1)
        {
            return network.AddReduce(input, ReduceOperation.Avg, (1u << 2) | (1u << 3), true).GetOutput(0);
        }

        if (size.Height < 1 || size.Width < 1 || dims[2] < 1 || dims[3] < 1 || dims[2] % size.Height != 0 || dims[3] % size.Width != 0)
        {
            throw new ArgumentException($"An adaptive pooling to {size} needs an input of known height and width that are multiples of it, but \"{input.Name}\" is {dims}.", nameof(output));
        }

        return network.AvgPool2d(input, (dims[2] / size.Height, dims[3] / size.Width));
    }

    private static IPoolingLayer Pool(INetworkDefinition network, ITensor input, PoolingType type, DimsHW window, DimsHW? stride, DimsHW? padding, bool ceilMode)
    {
        Check(network, input);
        DimsHW steps = stride ?? window;
        DimsHW around = padding ?? 0;

        // PyTorch leaves out a last window that begins in the padding, TensorRT keeps it. With these numbers none can begin there.
        if (ceilMode && (steps.Height + around.Height > window.Height || steps.Width + around.Width > window.Width))
        {
            throw new ArgumentException($"Ceil mode with window {window}, stride {steps} and padding {around} is not the same in PyTorch and TensorRT: stride and padding together must not exceed the window.", nameof(ceilMode));
        }

        IPoolingLayer layer = network.AddPoolingNd(input, type, window.ToDims());
        layer.StrideNd = steps.ToDims();
        layer.PaddingNd = around.ToDims();
        layer.PaddingMode = ceilMode ? PaddingMode.ExplicitRoundUp : PaddingMode.ExplicitRoundDown;
        return layer;
    }

    private static Dims Check(INetworkDefinition network, ITensor input)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        Dims dims = input.Dimensions;
        return dims.NbDims == 4 ? dims : throw new ArgumentException($"A pooling takes [batch, channels, height, width], but \"{input.Name}\" is {dims}.", nameof(input));
    }
}

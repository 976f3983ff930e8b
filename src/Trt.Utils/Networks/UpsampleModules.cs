using Trt.Interop;

namespace Trt.Utils;

/// <summary>torch.nn.Upsample and torch.nn.functional.interpolate as layers of a network.</summary>
public static class UpsampleModules
{
    private const float CubicCoefficient = -0.75f;

    /// <summary>Resizes pictures by factors.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="scaleFactor">New size over old one, for height and width.</param>
    /// <param name="mode">The interpolation.</param>
    /// <param name="alignCorners">Whether the corners' pixels fall on each other; not for <see cref="UpsampleMode.Nearest"/>.</param>
    /// <returns>[N, C, floor(H · factor), floor(W · factor)].</returns>
    /// <exception cref="ArgumentException">The input has not four axes, or nearest was asked to align corners.</exception>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor Upsample(this INetworkDefinition network, ITensor input, float scaleFactor, UpsampleMode mode = UpsampleMode.Nearest, bool alignCorners = false)
    {
        IResizeLayer layer = Add(network, input, mode, alignCorners);
        layer.SetScales([1, 1, scaleFactor, scaleFactor]);
        return layer.GetOutput(0);
    }

    /// <summary>Resizes pictures to a size.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="size">New height and width.</param>
    /// <param name="mode">The interpolation.</param>
    /// <param name="alignCorners">Whether the corners' pixels fall on each other; not for <see cref="UpsampleMode.Nearest"/>.</param>
    /// <returns>[N, C, size].</returns>
    /// <inheritdoc cref="Upsample" path="/exception"/>
    public static ITensor UpsampleTo(this INetworkDefinition network, ITensor input, DimsHW size, UpsampleMode mode = UpsampleMode.Nearest, bool alignCorners = false)
    {
        IResizeLayer layer = Add(network, input, mode, alignCorners);
        Dims dims = input.Dimensions;
        if (dims[0] >= 0 && dims[1] >= 0)
        {
            layer.OutputDimensions = [dims[0], dims[1], size.Height, size.Width];
            return layer.GetOutput(0);
        }

        ITensor kept = network.Shape(input, 0);
        layer.SetInput(1, network.Concatenate([kept, network.Integers(kept.Type, "size", false, size.Height, size.Width)], 0, "size"));
        return layer.GetOutput(0);
    }

    /// <summary>Resizes pictures to the height and width of others, as <c>interpolate(x, size=y.shape[2:])</c>.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="other">[…, …, H', W'].</param>
    /// <param name="mode">The interpolation.</param>
    /// <param name="alignCorners">Whether the corners' pixels fall on each other; not for <see cref="UpsampleMode.Nearest"/>.</param>
    /// <returns>[N, C, H', W'].</returns>
    /// <inheritdoc cref="Upsample" path="/exception"/>
    public static ITensor UpsampleLike(this INetworkDefinition network, ITensor input, ITensor other, UpsampleMode mode = UpsampleMode.Nearest, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(other);
        Dims dims = other.Dimensions;
        if (dims.NbDims != 4)
        {
            throw new ArgumentException($"The picture whose size is taken must be [batch, channels, height, width], but \"{other.Name}\" is {dims}.", nameof(other));
        }

        if (dims[2] >= 0 && dims[3] >= 0)
        {
            return network.UpsampleTo(input, (dims[2], dims[3]), mode, alignCorners);
        }

        IResizeLayer layer = Add(network, input, mode, alignCorners);
        layer.SetInput(1, network.Concatenate([network.Shape(input, 0), network.Shape(other, 2)], 0, "size"));
        return layer.GetOutput(0);
    }

    /// <summary>Two neighbouring extents of a tensor.</summary>
    private static ITensor Shape(this INetworkDefinition network, ITensor x, int first) =>
        network.AddSlice(network.AddShape(x).GetOutput(0), [first], [2], [1]).GetOutput(0);

    private static IResizeLayer Add(INetworkDefinition network, ITensor input, UpsampleMode mode, bool alignCorners)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        if (input.Dimensions.NbDims != 4)
        {
            throw new ArgumentException($"Upsampling takes [batch, channels, height, width], but \"{input.Name}\" is {input.Dimensions}.", nameof(input));
        }

        if (alignCorners && mode == UpsampleMode.Nearest)
        {
            throw new ArgumentException("Nearest has no corners to align; PyTorch refuses it too.", nameof(alignCorners));
        }

        IResizeLayer layer = network.AddResize(input);
        (layer.ResizeMode, layer.CoordinateTransformation) = mode switch
        {
            UpsampleMode.Nearest => (InterpolationMode.Nearest, ResizeCoordinateTransformation.Asymmetric),
            UpsampleMode.Bilinear => (InterpolationMode.Linear, alignCorners ? ResizeCoordinateTransformation.AlignCorners : ResizeCoordinateTransformation.HalfPixel),
            UpsampleMode.Bicubic => (InterpolationMode.Cubic, alignCorners ? ResizeCoordinateTransformation.AlignCorners : ResizeCoordinateTransformation.HalfPixel),
            _ => throw new ArgumentOutOfRangeException(nameof(mode)),
        };
        if (mode == UpsampleMode.Nearest)
        {
            layer.NearestRounding = ResizeRoundMode.Floor;
        }
        else if (mode == UpsampleMode.Bicubic)
        {
            layer.CubicCoeff = CubicCoefficient;
        }

        return layer;
    }
}

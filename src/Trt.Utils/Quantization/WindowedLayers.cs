using Trt.Interop;

namespace Trt.Utils;

/// <summary>Convolutions and deconvolutions that get their kernel as a tensor.</summary>
/// <remarks>
/// A layer that was made with its kernel cannot be given the kernel as a tensor, because weights cannot be taken away from it again. One without takes its place then, and the first stays
/// without readers, so that a build leaves it out.
/// </remarks>
internal static class WindowedLayers
{
    /// <summary>The extents of a kernel that a layer holds: [K, C/groups, kernel], or for deconvolutions [C, K/groups, kernel].</summary>
    public static Dims KernelShape(ILayer layer)
    {
        switch (layer)
        {
            case IConvolutionLayer convolution:
                return [convolution.NbOutputMaps, convolution.KernelWeights.Count / (convolution.NbOutputMaps * convolution.KernelSizeNd.Volume), .. convolution.KernelSizeNd];
            default:
                IDeconvolutionLayer deconvolution = (IDeconvolutionLayer)layer;
                long maps = deconvolution.NbOutputMaps / deconvolution.NbGroups;
                return [deconvolution.KernelWeights.Count / (maps * deconvolution.KernelSizeNd.Volume), maps, .. deconvolution.KernelSizeNd];
        }
    }

    /// <summary>Puts a layer with kernel and bias as tensors in the place of one that holds them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layer">A convolution or deconvolution; gets another name.</param>
    /// <param name="input">What the new layer reads.</param>
    /// <param name="kernel">Its kernel.</param>
    /// <param name="bias">Its bias; null: the bias that the layer holds or reads.</param>
    /// <returns>The new layer, under the old one's name.</returns>
    public static ILayer Replace(NetworkGraph graph, ILayer layer, ITensor input, ITensor kernel, ITensor? bias)
    {
        string name = layer.Name;
        ILayer copy = layer is IConvolutionLayer convolution
            ? Again(graph.Network, convolution, input, bias is not null)
            : Again(graph.Network, (IDeconvolutionLayer)layer, input, bias is not null);
        layer.Name = $"{name}.replaced";
        graph.Add(copy, name);
        graph.Connect(copy, 1, kernel);
        if ((bias ?? (layer.NbInputs > 2 ? layer.GetInput(2) : null)) is { } tensor)
        {
            graph.Connect(copy, 2, tensor);
        }

        copy.Metadata = layer.Metadata;
        graph.Replace(layer.GetOutput(0), copy.GetOutput(0));
        Park(graph, layer);
        return copy;
    }

    /// <summary>Lets a layer that nobody reads read zeros, so that it stays valid whatever becomes of what it read.</summary>
    private static void Park(NetworkGraph graph, ILayer layer)
    {
        Dims kernel = KernelShape(layer);
        long channels = layer is IConvolutionLayer convolution ? kernel[1] * convolution.NbGroups : kernel[0];
        Dims dilation = layer is IConvolutionLayer dilated ? dilated.DilationNd : ((IDeconvolutionLayer)layer).DilationNd;
        Dims shape = [1, channels, .. Enumerable.Range(0, dilation.NbDims).Select(axis => ((kernel[axis + 2] - 1) * dilation[axis]) + 1)];
        Weights zeros = LayerWeights.Of(layer)[0].Type switch
        {
            DataType.Half => Weights.From(new Half[shape.Volume]),
            DataType.Float => Weights.From(new float[shape.Volume]),
            _ => NarrowWeights.Zeros(shape.Volume),
        };
        graph.Connect(layer, 0, graph.Add(graph.Network.AddConstant(shape, zeros), $"{layer.Name}.input").GetOutput(0));
    }

    private static IConvolutionLayer Again(INetworkDefinition network, IConvolutionLayer from, ITensor input, bool hasBias)
    {
        IConvolutionLayer to = network.AddConvolutionNd(input, from.NbOutputMaps, from.KernelSizeNd, Weights.Empty(from.KernelWeights.Type), hasBias ? Weights.Empty(from.KernelWeights.Type) : from.BiasWeights);
        (to.StrideNd, to.DilationNd, to.NbGroups) = (from.StrideNd, from.DilationNd, from.NbGroups);
        (to.PrePadding, to.PostPadding, to.PaddingMode) = (from.PrePadding, from.PostPadding, from.PaddingMode);
        return to;
    }

    private static IDeconvolutionLayer Again(INetworkDefinition network, IDeconvolutionLayer from, ITensor input, bool hasBias)
    {
        IDeconvolutionLayer to = network.AddDeconvolutionNd(input, from.NbOutputMaps, from.KernelSizeNd, Weights.Empty(from.KernelWeights.Type), hasBias ? Weights.Empty(from.KernelWeights.Type) : from.BiasWeights);
        (to.StrideNd, to.DilationNd, to.NbGroups) = (from.StrideNd, from.DilationNd, from.NbGroups);
        (to.PrePadding, to.PostPadding, to.PaddingMode) = (from.PrePadding, from.PostPadding, from.PaddingMode);
        return to;
    }
}

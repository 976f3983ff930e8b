using Trt.Interop;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Convolutions.</summary>
internal static class Convolutions
{
    public static void Register(ImporterTable table)
    {
        table.Add("Conv", Convolution);
    }

    private static ImportedValue?[] Convolution(ImportNode node)
    {
        ITensor input = node.Tensor(0);
        int rank = node.Rank(0);
        long[] kernel = node.Dims(1);
        if (rank is < 3 or > 5 || kernel.Length != rank)
        {
            throw node.Unsupported($"Conv needs an input with 3 to 5 dimensions and weights with as many; they have {rank} and {kernel.Length}.");
        }

        int axes = rank - 2;
        if (node.Ints("kernel_shape") is { } told && !told.AsSpan().SequenceEqual(kernel.AsSpan(2)))
        {
            throw node.Unsupported($"The size of spatial dimension and the size of kernel shape are not equal for the Conv operator: kernel_shape is [{string.Join(", ", told)}], but the weights have [{string.Join(", ", kernel[2..])}].");
        }

        long groups = node.Int("group", 1);
        long channels = node.Dims(0)[1];
        if (channels >= 0 && kernel[1] >= 0 && kernel[1] * groups != channels)
        {
            throw new ImportRefusal(ParseCode.InvalidNode, $"Kernel weight dimension failed to broadcast to input: {groups} groups of {kernel[1]} channels, but the input has {channels}.", func: "importConv");
        }

        Window window = Window.Of(node, axes);
        bool isFlat = axes == 1;    // TensorRT convolves over 2 or 3 axes: one more of extent 1 is put at the end
        if (isFlat)
        {
            input = WithLastAxis(node, input);
        }

        Dims Spread(ReadOnlySpan<long> values, long one) => isFlat ? [values[0], one] : Dims.Create(values);
        ConstantValues? weights = node.Input(1).Constant;
        ConstantValues? bias = node.InputOrNull(2)?.Constant;
        IConvolutionLayer layer = node.Network.AddConvolutionNd(input, kernel[0], Spread(kernel.AsSpan(2), 1), weights?.Weights ?? Weights.Empty(node.Type(1)), bias?.Weights ?? Weights.Empty(node.Type(1)));
        node.Named(layer);
        NameWeights(node, weights);
        NameWeights(node, bias);
        if (weights is null)
        {
            layer.SetInput(1, isFlat ? WithLastAxis(node, node.Tensor(1)) : node.Tensor(1));
        }

        if (bias is null && node.Has(2))
        {
            layer.SetInput(2, node.Tensor(2));
        }

        layer.StrideNd = Spread(window.Stride, 1);
        layer.PrePadding = Spread(window.Before, 0);
        layer.PostPadding = Spread(window.After, 0);
        layer.PaddingMode = window.Mode;
        layer.DilationNd = Spread(window.Dilation, 1);
        layer.NbGroups = groups;
        return isFlat ? ImportNode.Result(node.Helper(WithoutLastAxis(node, layer.GetOutput(0)), "ONNXTRT_squeezeTensor").GetOutput(0)) : [new ImportedValue(layer.GetOutput(0))];
    }

    private static void NameWeights(ImportNode node, ConstantValues? values)
    {
        if (values is not null)
        {
            node.Network.SetWeightsName(values.Weights, values.Name);
        }
    }

    private static ITensor WithLastAxis(ImportNode node, ITensor tensor) =>
        node.Helper(node.Network.AddUnsqueeze(tensor, node.Int64s(tensor.Dimensions.NbDims)), "ONNXTRT_unsqueezeTensor").GetOutput(0);

    private static ISqueezeLayer WithoutLastAxis(ImportNode node, ITensor tensor) =>
        node.Network.AddSqueeze(tensor, node.Int64s(tensor.Dimensions.NbDims - 1));
}

using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Convolution and its transpose in one to three dimensions.</summary>
internal static class Filters
{
    public static void Register(ImporterTable table)
    {
        table.Add("Conv", Convolution);
        table.Add("ConvTranspose", Transposed);
    }

    private static ITensor Convolution(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        bool flat = node.Rank(x) == 3;
        if (flat)
        {
            x = node.Unsqueeze(x, 3);
        }

        Filter filter = new(node, flat);
        WindowParameters window = WindowParameters.Of(node, filter.Size, flat, false);
        Check(node, x, filter, filter.Shape[1] * node.Int("group", 1));
        IConvolutionLayer layer = node.Named(node.Network.AddConvolutionNd(x, filter.Shape[0], new Dims(window.Kernel), filter.Kernel, filter.Bias));
        layer.StrideNd = new Dims(window.Strides);
        layer.PaddingMode = window.Mode;
        layer.PrePadding = new Dims(window.Before);
        layer.PostPadding = new Dims(window.After);
        layer.DilationNd = new Dims(window.Dilations);
        layer.NbGroups = node.Int("group", 1);
        filter.Connect(layer);
        ITensor y = layer.GetOutput(0);
        return flat ? node.Squeeze(y, 3) : y;
    }

    private static ITensor Transposed(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        bool flat = node.Rank(x) == 3;
        if (flat)
        {
            x = node.Unsqueeze(x, 3);
        }

        Filter filter = new(node, flat);
        long groups = node.Int("group", 1);
        WindowParameters window = WindowParameters.Of(node, filter.Size, flat, false);
        Check(node, x, filter, filter.Shape[0]);
        bool notSet = node.Text("auto_pad", "NOTSET") == "NOTSET";
        long[] more = Padded(node.Ints("output_padding") ?? [], window.Kernel.Length, 0);
        if (node.Ints("output_shape") is { } wanted && notSet)
        {
            FitOutput(node, window, more, Padded(wanted.Length > window.Kernel.Length ? wanted[^(flat ? 1 : window.Kernel.Length)..] : wanted, window.Kernel.Length, 1), x.Dimensions);
        }

        bool grows = false;
        for (int i = 0; i < more.Length && notSet; i++)
        {
            // More at the end is, as long as there is padding there, less padding.
            long less = Math.Min(more[i], window.After[i]);
            window.After[i] -= less;
            more[i] -= less;
            grows |= more[i] > 0;
        }

        IDeconvolutionLayer layer = node.Network.AddDeconvolutionNd(
            x, filter.Shape[1] * groups, new Dims(window.Kernel), filter.Kernel, grows ? Weights.Empty(filter.Bias.Type) : filter.Bias);
        layer.StrideNd = new Dims(window.Strides);
        layer.NbGroups = groups;
        layer.DilationNd = new Dims(window.Dilations);
        layer.PaddingMode = window.Mode;
        layer.PrePadding = new Dims(window.Before);
        layer.PostPadding = new Dims(window.After);
        filter.Connect(layer, !grows);
        ITensor y = node.Out(layer);
        if (grows)
        {
            y = Grown(node, y, more, filter);
        }

        return flat ? node.Squeeze(y, 3) : y;
    }

    /// <summary>Paddings that make the output the wanted shape; what they cannot becomes rows of zeros at the end.</summary>
    private static void FitOutput(ImportNode node, WindowParameters window, long[] more, long[] wanted, Dims dims)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            long total = (window.Strides[i] * (dims[i + 2] - 1)) + more[i] + ((window.Kernel[i] - 1) * window.Dilations[i]) + 1 - wanted[i];
            window.Before[i] = total / 2;
            window.After[i] = total - (total / 2);
            if (window.Before[i] < 0)
            {
                throw node.Unsupported($"output_shape {wanted[i]} on axis {i + 2} would need a negative padding before the data.");
            }

            if (window.After[i] < 0)
            {
                more[i] = -window.After[i];
                window.After[i] = 0;
            }
        }
    }

    /// <summary>Rows of zeros at the end of spatial axes, and the bias over all.</summary>
    private static ITensor Grown(ImportNode node, ITensor y, long[] more, Filter filter)
    {
        int rank = node.Rank(y);
        ITensor start = node.Int64s(new long[rank]);
        ITensor total = node.Int64s([0, 0, .. more]);
        ITensor size = node.ElementWise(ShapeValues.Of(node, y).Tensor(node), total, ElementWiseOperation.Sum);
        ISliceLayer slice = node.Network.AddSlice(y, Extents.Same(rank, 0), Extents.Same(rank, 0), Extents.Same(rank, 1));
        slice.SetInput(1, start);
        slice.SetInput(2, size);
        slice.Mode = SampleMode.Fill;
        y = node.Out(slice);
        if (!node.Has(2))
        {
            return y;
        }

        long[] shape = [1, -1, .. Enumerable.Repeat(1L, rank - 2)];
        return node.ElementWise(y, node.Reshape(filter.BiasTensor!, shape), ElementWiseOperation.Sum);
    }

    private static void Check(ImportNode node, ITensor x, Filter filter, long channels)
    {
        long given = x.Dimensions[1];
        if (node.Rank(x) != filter.Shape.Length)
        {
            throw node.Unsupported($"The input has {node.Rank(x)} dimensions but the kernel has {filter.Shape.Length}; both need the same number.");
        }

        if (given >= 0 && given != channels)
        {
            throw node.Invalid($"The input has {given} channels but the kernel is made for {channels}.");
        }
    }

    private static long[] Padded(long[] values, int count, long otherwise) => [.. values, .. Enumerable.Repeat(otherwise, Math.Max(0, count - values.Length))];

    /// <summary>Kernel and bias of a node: constants become weights of the layer, tensors its inputs.</summary>
    private sealed class Filter
    {
        private readonly ImportNode node;
        private readonly ITensor? kernelTensor;

        public Filter(ImportNode node, bool flat)
        {
            this.node = node;
            long[] shape = node.Dims(1);
            Shape = flat && shape.Length == 3 ? [.. shape, 1] : shape;
            if (node.IsConstant(1))
            {
                Kernel = node.Constant(1).Weights;
            }
            else
            {
                ITensor kernel = node.Tensor(1);
                kernelTensor = flat ? node.Unsqueeze(kernel, 3) : kernel;
                Kernel = Weights.Empty(kernel.Type);
            }

            Bias = Weights.Empty(Kernel.Type);
            if (node.Has(2) && node.IsConstant(2) && kernelTensor is null)
            {
                Bias = node.Constant(2).Weights;
            }
        }

        public long[] Shape { get; }

        public long[] Size => Shape[2..];

        public Weights Kernel { get; }

        public Weights Bias { get; }

        public ITensor? BiasTensor => node.Has(2) ? node.Tensor(2) : null;

        public void Connect(ILayer layer, bool withBias = true)
        {
            if (kernelTensor is not null)
            {
                layer.SetInput(1, kernelTensor);
            }
            else
            {
                node.Network.SetWeightsName(Kernel, node.Constant(1).Name);
            }

            if (node.Has(2) && withBias && Bias.Count == 0)
            {
                layer.SetInput(2, node.Tensor(2));
            }
            else if (Bias.Count > 0)
            {
                node.Network.SetWeightsName(Bias, node.Constant(2).Name);
            }
        }
    }
}

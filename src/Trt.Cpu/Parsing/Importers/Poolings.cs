using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Pooling by a sliding window.</summary>
internal static class Poolings
{
    public static void Register(ImporterTable table)
    {
        table.Add("AveragePool", node => Pool(node, node.Tensor(0), PoolingType.Average, node.Int("count_include_pad", 0) == 0), Check);
        table.Add("MaxPool", node => Pool(node, node.Tensor(0), PoolingType.Max, false), CheckMax);
        table.Add("LpPool", LpPool, CheckNorm);
    }

    private static void Check(ImportNode node)
    {
        long[] kernel = node.Ints("kernel_shape") ?? throw node.Unsupported("kernel_shape must be set.");
        if (kernel.Length is < 1 or > 3)
        {
            throw node.Unsupported($"Pooling has one to three spatial axes, not {kernel.Length}.");
        }

        if ((node.Ints("dilations") ?? []).Any(dilation => dilation != 1))
        {
            throw node.Unsupported("Pooling windows with dilations other than 1 are not supported.");
        }
    }

    private static void CheckMax(ImportNode node)
    {
        if (node.OutputCount > 1)
        {
            throw node.Unsupported("The indices of MaxPool are not supported, only its values.");
        }

        if (node.Int("storage_order", 0) != 0)
        {
            throw node.Unsupported("Column-major order of MaxPool is not supported.");
        }

        Check(node);
    }

    private static void CheckNorm(ImportNode node)
    {
        if (node.Int("p", 2) is not (1 or 2))
        {
            throw node.Unsupported($"LpPool has p of 1 or 2, not {node.Int("p", 2)}.");
        }

        Check(node);
    }

    private static ITensor Pool(ImportNode node, ITensor x, PoolingType type, bool excludesPadding)
    {
        bool flat = node.Rank(x) == 3;
        long[] kernel = node.Ints("kernel_shape")!;
        if (flat)
        {
            x = node.Unsqueeze(x, 3);
        }

        if (kernel.Length != (flat ? 1 : node.Rank(x) - 2))
        {
            throw node.Unsupported($"kernel_shape has {kernel.Length} numbers for an input of {node.Rank(0)} dimensions.");
        }

        WindowParameters window = WindowParameters.Of(node, flat ? [kernel[0], 1] : kernel, flat, node.Int("ceil_mode", 0) != 0);
        if (type == PoolingType.Max || excludesPadding)
        {
            window.DropWindowsInPadding(x.Dimensions.AsSpan()[2..]);
        }

        IPoolingLayer layer = node.Network.AddPoolingNd(x, type, new Dims(window.Kernel));
        layer.StrideNd = new Dims(window.Strides);
        layer.PaddingMode = window.Mode;
        layer.PrePadding = new Dims(window.Before);
        layer.PostPadding = new Dims(window.After);
        layer.AverageCountExcludesPadding = type == PoolingType.Max ? layer.AverageCountExcludesPadding : excludesPadding;
        ITensor y = node.Out(layer);
        return flat ? node.Squeeze(y, 3) : y;
    }

    /// <summary>A mean of magnitudes, times how many there are, is their sum.</summary>
    private static ITensor LpPool(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        double volume = node.Ints("kernel_shape")!.Aggregate(1.0, (product, extent) => product * extent);
        ITensor count = node.Like(x, volume);
        bool squares = node.Int("p", 2) == 2;
        ITensor raised = squares ? node.ElementWise(x, x, ElementWiseOperation.Prod) : node.Unary(x, UnaryOperation.Abs);
        ITensor sum = node.ElementWise(Pool(node, raised, PoolingType.Average, false), count, ElementWiseOperation.Prod);
        return squares ? node.Unary(sum, UnaryOperation.Sqrt) : sum;
    }
}

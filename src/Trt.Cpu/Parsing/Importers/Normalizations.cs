using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Normalizations over batches, channels, groups and norms.</summary>
internal static class Normalizations
{
    public static void Register(ImporterTable table)
    {
        table.Add("BatchNormalization", Batch, CheckBatch);
        table.Add("InstanceNormalization", node => OverSpace(node, 1));
        table.Add("GroupNormalization", node => OverSpace(node, node.Int("num_groups", 1)));
        table.Add("LayerNormalization", Layer, CheckLayer);
        table.Add("RMSNormalization", RootMeanSquare);
        table.Add("LRN", Local);
        table.Add("MeanVarianceNormalization", MeanVariance);
        table.Add("LpNormalization", Norm);
    }

    private static void CheckBatch(ImportNode node)
    {
        if (node.Int("training_mode", 0) != 0)
        {
            throw node.Unsupported("BatchNormalization in training mode is not supported.");
        }
    }

    private static void CheckLayer(ImportNode node)
    {
        if (node.OutputCount > 1)
        {
            throw node.Unsupported("LayerNormalization gives its normalized output only, not mean and deviation.");
        }
    }

    private static ITensor Batch(ImportNode node)
    {
        for (int input = 1; input <= 4; input++)
        {
            if (node.Rank(input) != 1)
            {
                throw node.Invalid($"Input {input} of BatchNormalization must have one dimension; it has {node.Rank(input)}.");
            }
        }

        float epsilon = node.Float("epsilon", 1e-5f);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        if (Enumerable.Range(1, 4).All(node.IsConstant))
        {
            return Scaled(node, x, rank, epsilon);
        }

        long[] around = [.. Enumerable.Range(0, rank).Where(axis => axis != 1).Select(axis => (long)axis)];
        ITensor[] parameters = new ITensor[4];
        for (int i = 0; i < 4; i++)
        {
            parameters[i] = node.Unsqueeze(node.Tensor(i + 1), around);
        }

        ITensor small = node.Constant(DataType.Float, Extents.Same(rank, 1), epsilon);
        for (int i = 0; i < 4; i++)
        {
            parameters[i] = node.AddCast(parameters[i], x.Type);
        }

        small = node.AddCast(small, x.Type);
        ITensor deviation = node.Unary(node.ElementWise(parameters[3], small, ElementWiseOperation.Sum), UnaryOperation.Sqrt);
        ITensor normal = node.ElementWise(node.ElementWise(x, parameters[2], ElementWiseOperation.Sub), deviation, ElementWiseOperation.Div);
        return node.ElementWise(node.ElementWise(normal, parameters[0], ElementWiseOperation.Prod), parameters[1], ElementWiseOperation.Sum);
    }

    /// <summary>With constants, one factor and one term for each channel.</summary>
    private static ITensor Scaled(ImportNode node, ITensor x, int rank, float epsilon)
    {
        float[] scale = node.Floats(1);
        float[] bias = node.Floats(2);
        float[] mean = node.Floats(3);
        float[] variance = node.Floats(4);
        if (bias.Length != scale.Length || mean.Length != scale.Length || variance.Length != scale.Length)
        {
            throw node.Invalid("Scale, bias, mean and variance of BatchNormalization must have the same number of values.");
        }

        double[] factors = new double[scale.Length];
        double[] terms = new double[scale.Length];
        for (int i = 0; i < scale.Length; i++)
        {
            factors[i] = scale[i] / MathF.Sqrt(variance[i] + epsilon);
            terms[i] = bias[i] - (mean[i] * factors[i]);
        }

        Weights scales = ConstantValues.Of(factors, [factors.Length], node.Type(1)).Weights;
        Weights shifts = ConstantValues.Of(terms, [terms.Length], node.Type(1)).Weights;

        // A scale layer wants two spatial axes at least.
        ShapeValues shape = ShapeValues.Of(node, x);
        ITensor data = rank >= 4 ? x : ShapeValues.Concatenate(node, shape, ShapeValues.Vector([.. Enumerable.Repeat(1L, 4 - rank)])).Reshape(node, x);
        ITensor y = node.Out(node.Network.AddScaleNd(data, ScaleMode.Channel, shifts, scales, Weights.Empty(node.Type(1)), 1));

        // A parser refitter finds them by these names.
        node.Network.SetWeightsName(scales, node.Name + "_scale");
        node.Network.SetWeightsName(shifts, node.Name + "_shift");
        return rank >= 4 ? y : shape.Reshape(node, y);
    }

    private static ITensor OverSpace(ImportNode node, long groups)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        if (rank < 3)
        {
            throw node.Invalid($"{node.Operator} takes an input of three dimensions or more, not {rank}.");
        }

        long[] around = [.. Enumerable.Range(0, rank).Where(axis => axis != 1).Select(axis => (long)axis)];
        ITensor scale = node.Tensor(1);
        ITensor bias = node.Tensor(2);
        scale = node.Unsqueeze(scale, around);
        bias = node.Unsqueeze(bias, around);
        uint axes = ((1u << rank) - 1) & ~3u;

        // Until version 21 of the operator there was a scale for each group, since then one for each channel.
        INormalizationLayer layer = groups > 1 && node.Opset >= 21
            ? node.Network.AddNormalizationV2(x, scale, bias, axes)
            : node.Network.AddNormalization(x, scale, bias, axes);
        layer.Epsilon = node.Float("epsilon", 1e-5f);
        layer.NbGroups = groups;
        return node.Out(layer);
    }

    private static ITensor Layer(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        int axis = node.Axis(node.Int("axis", -1), rank);
        ITensor scale = node.Broadcast(node.Tensor(1), rank);
        ITensor bias = node.Has(2) ? node.Broadcast(node.Tensor(2), rank) : node.Like(x, 0);
        INormalizationLayer layer = node.Network.AddNormalization(x, scale, bias, ((1u << rank) - 1) & ~((1u << axis) - 1));
        layer.Epsilon = node.Float("epsilon", 1e-5f);
        return node.Out(layer);
    }

    private static ITensor RootMeanSquare(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        int axis = node.Axis(node.Int("axis", -1), rank);
        ITensor scale = node.Tensor(1);
        ITensor mean = node.Reduce(node.ElementWise(x, x, ElementWiseOperation.Prod), ReduceOperation.Avg, ((1u << rank) - 1) & ~((1u << axis) - 1), true);
        ITensor small = node.CastLike(mean, node.Float("epsilon", 1e-5f));
        ITensor root = node.Unary(node.ElementWise(mean, small, ElementWiseOperation.Sum), UnaryOperation.Sqrt);
        ITensor normal = node.ElementWise(x, root, ElementWiseOperation.Div);
        return node.ElementWise(normal, node.Broadcast(scale, rank), ElementWiseOperation.Prod);
    }

    private static ITensor Local(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        return node.Out(node.Network.AddLRN(x, node.Int("size"), node.Float("alpha", 0.0001f), node.Float("beta", 0.75f), node.Float("bias", 1)));
    }

    private static ITensor MeanVariance(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        uint axes = node.Axes(node.Ints("axes") ?? [0, 2, 3], rank);
        ITensor centered = node.ElementWise(x, node.Reduce(x, ReduceOperation.Avg, axes, true), ElementWiseOperation.Sub);
        ITensor variance = node.Reduce(node.ElementWise(centered, centered, ElementWiseOperation.Prod), ReduceOperation.Avg, axes, true);
        ITensor deviation = node.Unary(variance, UnaryOperation.Sqrt);
        return node.ElementWise(centered, node.ElementWise(deviation, node.Like(x, 1e-9), ElementWiseOperation.Sum), ElementWiseOperation.Div);
    }

    /// <summary>Divided by its norm along an axis; a norm of 0 divides by 1.</summary>
    private static ITensor Norm(ImportNode node)
    {
        long p = node.Int("p", 2);
        ITensor x = node.Tensor(0);
        if (!Types.IsFloating(x.Type))
        {
            throw node.Invalid($"LpNormalization takes floating-point input, not {Types.Short(x.Type)}.");
        }

        int rank = node.Rank(x);
        uint axis = 1u << node.Axis(node.Int("axis", -1), rank);
        ITensor zero = node.Broadcast(node.Constant(x.Type, default, 0), rank);
        ITensor norm = p switch
        {
            1 => node.Reduce(node.Unary(x, UnaryOperation.Abs), ReduceOperation.Sum, axis, true),
            2 => node.Unary(node.Reduce(node.ElementWise(x, x, ElementWiseOperation.Prod), ReduceOperation.Sum, axis, true), UnaryOperation.Sqrt),
            _ => throw node.Unsupported($"LpNormalization has p of 1 or 2, not {p}."),
        };
        ITensor isZero = node.AddCast(node.ElementWise(norm, zero, ElementWiseOperation.Equal), x.Type);
        return node.ElementWise(x, node.ElementWise(norm, isZero, ElementWiseOperation.Sum), ElementWiseOperation.Div);
    }
}

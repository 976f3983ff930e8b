using Trt.Interop;

namespace Trt.Utils;

/// <summary>Keeps queries from looking at some keys.</summary>
internal static class AttentionMasks
{
    /// <summary>Scores [N, heads, L, S] with masks in PyTorch's forms.</summary>
    public static ITensor Apply(INetworkDefinition network, ITensor scores, ITensor? mask, ITensor? keyPaddingMask, (ITensor Query, ITensor Key)? causal, int heads, string name)
    {
        if (mask is not null)
        {
            // Extents may be unknown, so that only 0 (as before) and one −1 (what is left) can say them.
            ITensor shaped = mask.Dimensions.NbDims switch
            {
                2 => network.Shuffle(mask, name + "/mask", [], [0, 1, 1, -1], [1, 2, 0, 3]),
                3 => network.Shuffle(mask, name + "/mask", [1, 2, 0], [0, 0, -1, heads], [2, 3, 0, 1]),
                _ => throw new ArgumentException($"The attention mask of \"{name}\" must be [L, S] or [N * heads, L, S], but \"{mask.Name}\" is {mask.Dimensions}.", nameof(mask)),
            };
            scores = Applied(network, scores, shaped, name + "/masked");
        }

        if (keyPaddingMask is not null)
        {
            if (keyPaddingMask.Dimensions.NbDims != 2)
            {
                throw new ArgumentException($"The key padding mask of \"{name}\" must be [N, S], but \"{keyPaddingMask.Name}\" is {keyPaddingMask.Dimensions}.", nameof(keyPaddingMask));
            }

            scores = Applied(network, scores, network.Reshape(keyPaddingMask, [0, 1, 1, -1], name + "/key padding"), name + "/padded");
        }

        return causal is { } sides ? Applied(network, scores, LooksAhead(network, sides.Query, sides.Key, name + "/causal"), name + "/causal") : scores;
    }

    /// <summary>[1, 1, L, S], true where the key comes after the query.</summary>
    private static ITensor LooksAhead(INetworkDefinition network, ITensor query, ITensor key, string name)
    {
        ITensor rows = network.Reshape(Count(network, query, name + "/query"), [1, 1, -1, 1], name + "/rows");
        ITensor columns = network.Reshape(Count(network, key, name + "/key"), [1, 1, 1, -1], name + "/columns");
        return network.ElementWise(rows, columns, ElementWiseOperation.Less, name + "/ahead");
    }

    /// <summary>0, 1, 2 … along axis 2.</summary>
    private static ITensor Count(INetworkDefinition network, ITensor x, string name)
    {
        // From 10.0 on the type is an argument; before, it follows from the start and the step.
        IFillLayer fill = network.Has("IFillLayer.setToType") ? network.AddFill(new Dims(), FillOperation.Linspace, DataType.Int32) : network.AddFill(new Dims(), FillOperation.Linspace);
        fill.SetInput(0, network.Extent(x, 2, isScalar: false, name + "/length"));
        fill.SetInput(1, network.Integers(DataType.Int32, name + "/first", true, 0));
        fill.SetInput(2, network.Integers(DataType.Int32, name + "/step", false, 1));
        return network.Named(fill, name + "/count");
    }

    /// <summary>A truth value forbids, a number is added.</summary>
    private static ITensor Applied(INetworkDefinition network, ITensor scores, ITensor mask, string name)
    {
        if (mask.Type != DataType.Bool)
        {
            return network.ElementWise(scores, mask, ElementWiseOperation.Sum, name);
        }

        // The least finite number, not −∞: a row without any key gives no NaN then.
        double least = scores.Type == DataType.Half ? (double)Half.MinValue : -3.38e38;
        ITensor forbidden = network.Number(least, scores.Type, 4, name + "/forbidden");
        return network.Named(network.AddSelect(mask, forbidden, scores), name);
    }
}

using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Attention and what goes with it: rotary embedding, key and value caches.</summary>
internal static class Attentions
{
    public static void Register(ImporterTable table)
    {
        table.Add("Attention", Attention, Check);
        table.Add("RotaryEmbedding", Rotary);
        table.Add("TensorScatter", CacheUpdate);
    }

    private static void Check(ImportNode node)
    {
        if (node.Float("softcap", 0) != 0)
        {
            throw node.Unsupported("Attention with softcap is not supported.");
        }

        if (node.HasAttribute("softmax_precision"))
        {
            throw node.Unsupported("Attention with softmax_precision is not supported.");
        }
    }

    private static ITensor Attention(ImportNode node)
    {
        if (node.OutputCount != 1)
        {
            throw node.Invalid("Attention gives its first output only; caches and scores are not supported.");
        }

        if (node.Has(4) || node.Has(5))
        {
            throw node.Unsupported("Attention with past keys and values is not supported.");
        }

        ITensor query = node.Tensor(0);
        bool flat = node.Rank(query) == 3;
        query = Scaled(node, flat ? Heads(node, query, node.Int("q_num_heads")) : query);
        ITensor key = node.Tensor(1);
        key = Scaled(node, flat ? Heads(node, key, node.Int("kv_num_heads")) : key);
        ITensor value = flat ? Heads(node, node.Tensor(2), node.Int("kv_num_heads")) : node.Tensor(2);
        bool isCausal = node.Int("is_causal", 0) != 0;
        long left = node.Int("left_window_size", -1);
        long right = node.Int("right_window_size", -1);
        if (isCausal && node.Has(3))
        {
            throw node.Invalid("Attention takes a mask or is causal, not both.");
        }

        bool needsMask = node.Has(6) || left >= 0 || right >= 0;
        IAttention layer = node.Network.AddAttention(query, key, value, AttentionNormalizationOp.Softmax, isCausal && !needsMask);
        layer.Name = node.Model.Names.Layer(node.Name);
        layer.Decomposable = true;
        if (needsMask)
        {
            layer.Mask = AttentionMask.Build(node, query, key, isCausal, left, right);
        }
        else if (node.Has(3))
        {
            ITensor mask = node.Tensor(3);
            int missing = 4 - node.Rank(mask);
            layer.Mask = missing > 0 ? node.Unsqueeze(mask, [.. Enumerable.Range(0, missing).Select(axis => (long)axis)]) : mask;
        }

        ITensor y = layer.GetOutput(0)!;
        if (node.Has(6) && layer.Mask is { Type: DataType.Bool } hidden)
        {
            // A query before all keys of its sequence sees none, and gives zeros.
            ITensor sees = node.AddCast(node.Reduce(node.AddCast(hidden, DataType.Float), ReduceOperation.Max, 1u << 3, true), DataType.Bool);
            y = node.Select(sees, y, node.Like(y, 0));
        }

        return flat ? Merged(node, y) : y;
    }

    /// <summary>Batch × tokens × (heads × size) as batch × heads × tokens × size.</summary>
    private static ITensor Heads(ImportNode node, ITensor x, long heads)
    {
        IShuffleLayer layer = node.Network.AddShuffle(x);
        long size = x.Dimensions[2];
        layer.ReshapeDimensions = new Dims(0, 0, heads, size < 0 ? -1 : size / heads);
        layer.SecondTranspose = NodeLayers.Order(0, 2, 1, 3);
        return node.Out(layer);
    }

    private static ITensor Merged(ImportNode node, ITensor x)
    {
        Dims dims = x.Dimensions;
        IShuffleLayer layer = node.Network.AddShuffle(x);
        layer.FirstTranspose = NodeLayers.Order(0, 2, 1, 3);
        layer.ReshapeDimensions = new Dims(0, 0, dims[1] < 0 || dims[3] < 0 ? -1 : dims[1] * dims[3]);
        return node.Out(layer);
    }

    /// <summary>Times the square root of the scale, which query and key share.</summary>
    private static ITensor Scaled(ImportNode node, ITensor x)
    {
        if (node.HasAttribute("scale"))
        {
            ITensor half = node.AddCast(node.Constant(DataType.Float, Extents.Same(4, 1), Math.Sqrt(node.Float("scale"))), x.Type);
            return node.ElementWise(x, half, ElementWiseOperation.Prod);
        }

        ShapeValues size = ShapeValues.Of(node, x).Pick(node, 3);
        ITensor number = node.AddCast(size.IsKnown ? node.Int64(size[0]!.Value) : node.Scalar(size.Tensor(node)), x.Type);
        ITensor root = node.Unary(node.Unary(node.Unary(number, UnaryOperation.Sqrt), UnaryOperation.Recip), UnaryOperation.Sqrt);
        return node.ElementWise(x, node.Unsqueeze(root, 0, 1, 2, 3), ElementWiseOperation.Prod);
    }

    private static ITensor Rotary(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        bool flat = node.Rank(x) == 3;
        x = flat ? Heads(node, x, node.Int("num_heads")) : x;
        IRotaryEmbeddingLayer layer = node.Network.AddRotaryEmbedding(
            x, node.Tensor(1), node.Tensor(2), node.Int("interleaved", 0) != 0, (int)node.Int("rotary_embedding_dim", 0));
        if (node.Has(3))
        {
            layer.SetInput(3, node.Tensor(3));
        }

        ITensor y = node.Out(layer);
        return flat ? Merged(node, y) : y;
    }

    private static ITensor CacheUpdate(ImportNode node)
    {
        if (node.Text("mode", "linear") != "linear")
        {
            throw node.Unsupported($"TensorScatter has the linear mode only, not {node.Text("mode", "linear")}.");
        }

        ITensor cache = node.Tensor(0);
        if (node.Rank(cache) != 4 || node.Int("axis", -2) is not (-2 or 2))
        {
            throw node.Unsupported($"TensorScatter writes to axis 2 of a cache of four dimensions; this has {node.Rank(cache)}.");
        }

        ITensor update = node.Tensor(1);
        ITensor places = node.AddCast(node.Has(2) ? node.Tensor(2) : node.Filled(node.Int64s(0), ShapeValues.Of(node, cache).Pick(node, 0)), DataType.Int32);
        return node.Out(node.Network.AddKVCacheUpdate(cache, update, places, KVCacheMode.Linear));
    }
}

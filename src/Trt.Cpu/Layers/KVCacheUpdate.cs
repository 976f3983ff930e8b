using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Writes new keys or values into a cache, for each batch element from its own place in the sequence on; what lies outside is left out.</summary>
internal sealed class KVCacheUpdate : CpuLayer, IKVCacheUpdateLayer
{
    private KVCacheMode mode;

    private KVCacheUpdate(CpuNetwork network, CpuTensor cache, CpuTensor update, CpuTensor writeIndices, KVCacheMode mode)
        : base(network, 1, cache, update, writeIndices) => this.mode = mode;

    public override LayerType Type => LayerType.KVCacheUpdate;

    public KVCacheMode CacheMode
    {
        get => Get(mode);
        set
        {
            Network.ThrowIfDisposed();
            mode = value == KVCacheMode.Linear ? value
                : throw Network.Journal.Failure("IKVCacheUpdateLayer::setCacheMode", Refusal.Argument("Parameter check failed, condition: cacheMode is kLINEAR."));
        }
    }

    protected override string Tag => "KVCacheUpdate";

    protected override string Interface => "IKVCacheUpdateLayer";

    public static KVCacheUpdate Create(CpuNetwork network, ITensor cache, ITensor update, ITensor writeIndices, KVCacheMode mode)
    {
        const string method = "addKVCacheUpdate";
        (CpuTensor first, CpuTensor second, CpuTensor third) = (network.Own(cache), network.Own(update), network.Own(writeIndices));
        foreach ((string name, CpuTensor tensor, int rank) in (ReadOnlySpan<(string, CpuTensor, int)>)[("cache", first, 4), ("update", second, 4), ("writeIndices", third, 1)])
        {
            if (tensor.Dimensions.NbDims is >= 0 and int given && given != rank)
            {
                throw network.RefuseAdd(method, $"{name} has {rank} dimensions. It has {given}");
            }
        }

        return mode == KVCacheMode.Linear
            ? new KVCacheUpdate(network, first, second, third, mode)
            : throw network.RefuseAdd(method, $"cacheMode is kLINEAR. It is {(int)mode}");
    }

    public override void Infer(Inference context)
    {
        context.CheckType(0, "cache", Types.Floating);
        context.CheckType(2, "writeIndices", [DataType.Int32, DataType.Int64]);
        if (!context.SameReal(0, 1))
        {
            throw context.Refuse($"update and output must have the same type. They have {Types.Name(context.Type(1))} and {Types.Name(context.Type(0))}.");
        }

        DimExpr[] cache = context.Dims(0);
        DimExpr[] update = context.Dims(1);
        DimExpr[] indices = context.Dims(2);
        if (cache.Length != 4 || update.Length != 4 || indices.Length != 1)
        {
            throw context.Refuse($"cache and update must have 4 dimensions and writeIndices 1. They are {Extents.Text(cache)}, {Extents.Text(update)} and {Extents.Text(indices)}.");
        }

        context.RequireInBuild(ShapeRuleKind.Equal, update[0], indices[0], "update is for {0} batch elements, writeIndices for {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[1], cache[1], "update has {0} heads, the cache {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[3], cache[3], "heads have {0} elements in update, {1} in the cache.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, cache[0], update[0], "the cache has {0} batch elements, fewer than update's {1}.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, cache[2], update[2], "the cache has room for {0} places in the sequence, fewer than update's {1}.");
        context.Set(0, cache);
    }

    public override void Validate(Inference context)
    {
        if (!Network.IsInput(RequiredInput(0)))
        {
            throw context.Refuse($"the cache must be an input of the network. {RequiredInput(0)} is none.", ErrorCode.InvalidArgument);
        }
    }

    public override void Lower(Lowering graph)
    {
        (OnnxValue cache, OnnxValue update) = (graph.Real(0), graph.Real(1));
        DimExpr[] whole = graph.Dims(0);
        DimExpr[] fresh = graph.Dims(1);
        const DataType index = DataType.Int64;

        // For each place of the cache, which element of the update belongs there; those that none belongs to keep what they have.
        OnnxValue Scalar(DimExpr number) => graph.Node("Squeeze", index, [graph.Number(number)]);
        OnnxValue places = graph.Node("Range", index, [graph.Number(0, index), Scalar(whole[2]), graph.Number(1, index)]);
        OnnxValue starts = graph.Node("Unsqueeze", index, [graph.Cast(graph.Input(2), index), graph.Integers(1)]);
        OnnxValue sources = graph.Node("Sub", index, [places, starts]);
        OnnxValue isFresh = graph.Node("And", DataType.Bool,
            [graph.Node("GreaterOrEqual", DataType.Bool, [sources, graph.Number(0, index)]), graph.Node("Less", DataType.Bool, [sources, graph.Number(fresh[2])])]);
        OnnxValue last = graph.Node("Sub", index, [graph.Number(fresh[2]), graph.Integers(1)]);
        OnnxValue safe = graph.Node("Max", index, [graph.Node("Min", index, [sources, last]), graph.Integers(0)]);
        OnnxValue bySequence = Swap(graph, update);
        OnnxValue gathered = graph.Node("GatherND", update.Type, [bySequence, graph.Node("Unsqueeze", index, [safe, graph.Integers(2)])], Attr.Int("batch_dims", 1));
        OnnxValue condition = graph.Node("Unsqueeze", DataType.Bool, [isFresh, graph.Integers(1, 3)]);
        OnnxValue Rows(DimExpr from, DimExpr to) => graph.Node("Slice", cache.Type, [cache, graph.Number(from), graph.Number(to), graph.Integers(0)]);
        bool all = fresh[0].Equals(whole[0]);
        OnnxValue written = graph.Node("Where", cache.Type, [condition, Swap(graph, gathered), all ? cache : Rows(DimExpr.Zero, fresh[0])]);
        graph.Set(0, all ? written : graph.Node("Concat", cache.Type, [written, Rows(fresh[0], whole[0])], Attr.Int("axis", 0)));
    }

    /// <summary>Heads and sequence in each other's places.</summary>
    private static OnnxValue Swap(Lowering graph, OnnxValue value) => graph.Node("Transpose", value.Type, [value], Attr.Ints("perm", 0, 2, 1, 3));
}

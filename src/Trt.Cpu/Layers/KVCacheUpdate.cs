using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Writes new keys or values into a cache, for each batch element from its own place in the sequence on; what lies outside is left out.</summary>
internal sealed class KVCacheUpdate : CpuLayer, IKVCacheUpdateLayer
{
    private const int Lengths = 3;

    private KVCacheMode mode;
    private AttentionIOForm form;

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

    public AttentionIOForm UpdateForm
    {
        get => Get(form);
        set => Set(ref form, value, value is AttentionIOForm.PaddedBhnd or AttentionIOForm.PackedNhd, "setUpdateForm", "form is an enumerator of AttentionIOForm");
    }

    public ITensor? UpdateLengths
    {
        get => Get(this).InputAt(Lengths);
        set
        {
            Network.ThrowIfDisposed();
            PutInput(Lengths, value is null ? null : Network.Own(value));
        }
    }

    private bool IsPacked => form == AttentionIOForm.PackedNhd;

    protected override string Tag => "KVCacheUpdate";

    protected override string Interface => "IKVCacheUpdateLayer";

    protected override int? InputLimit => 4;

    public static KVCacheUpdate Create(CpuNetwork network, ITensor cache, ITensor update, ITensor writeIndices, KVCacheMode mode)
    {
        const string method = "addKVCacheUpdate";
        (CpuTensor first, CpuTensor second, CpuTensor third) = (network.Own(cache), network.Own(update), network.Own(writeIndices));
        foreach ((string name, CpuTensor tensor, int rank) in (ReadOnlySpan<(string, CpuTensor, int)>)[("cache", first, 4), ("writeIndices", third, 1)])
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
        if (cache.Length != 4 || indices.Length != 1)
        {
            throw context.Refuse($"cache must have 4 dimensions and writeIndices 1. They are {Extents.Text(cache)} and {Extents.Text(indices)}.");
        }

        context.Set(0, cache);
        if (!IsPacked && context.Has(Lengths))
        {
            throw context.Refuse("updateLengths are for an update in packed form (kPACKED_NHD) only.", ErrorCode.InvalidArgument);
        }

        if (update.Length != (IsPacked ? 3 : 4))
        {
            context.Object(context.Refuse($"the update must have {(IsPacked ? "3 dimensions in packed form" : "4 dimensions")}. It has {Extents.Text(update)}.", ErrorCode.InvalidArgument));
            return;
        }

        if (IsPacked)
        {
            InferPacked(context, cache, update, indices);
            return;
        }

        context.RequireInBuild(ShapeRuleKind.Equal, update[0], indices[0], "update is for {0} batch elements, writeIndices for {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[1], cache[1], "update has {0} heads, the cache {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[3], cache[3], "heads have {0} elements in update, {1} in the cache.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, cache[0], update[0], "the cache has {0} batch elements, fewer than update's {1}.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, cache[2], update[2], "the cache has room for {0} places in the sequence, fewer than update's {1}.");
    }

    private static void InferPacked(Inference context, DimExpr[] cache, DimExpr[] update, DimExpr[] indices)
    {
        if (!context.Has(Lengths))
        {
            context.Object(context.Refuse("an update in packed form (kPACKED_NHD) needs updateLengths.", ErrorCode.InvalidArgument));
            return;
        }

        DimExpr[] lengths = context.Dims(Lengths);
        if (context.Type(Lengths) != DataType.Int32 || lengths.Length != 1)
        {
            throw context.Refuse($"updateLengths must be a list of type Int32. They have type {Types.Name(context.Type(Lengths))} and dimensions {Extents.Text(lengths)}.", ErrorCode.InvalidArgument);
        }

        context.RequireInBuild(ShapeRuleKind.Equal, lengths[0] + -1, indices[0], "updateLengths tell of {0} batch elements, writeIndices of {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[1], cache[1], "update has {0} heads, the cache {1}.");
        context.RequireInBuild(ShapeRuleKind.Equal, update[2], cache[3], "heads have {0} elements in update, {1} in the cache.");
        context.RequireInBuild(ShapeRuleKind.AtLeast, cache[0], indices[0], "the cache has {0} batch elements, fewer than writeIndices' {1}.");
    }

    public override void Validate(Inference context)
    {
        if (!Network.IsInput(RequiredInput(0)))
        {
            throw context.Refuse($"the cache must be an input of the network. {RequiredInput(0)} is none.", ErrorCode.InvalidArgument);
        }
    }

    public override void SetInput(int index, ITensor tensor)
    {
        Network.ThrowIfDisposed();
        if (index == Lengths)
        {
            Network.Journal.Refused("IKVCacheUpdateLayer::setInput", Refusal.Argument("Parameter check failed, condition: index is 0 to 2; setUpdateLengths sets the lengths."));
            return;
        }

        base.SetInput(index, tensor);
    }

    public override void Lower(Lowering graph)
    {
        OnnxValue cache = graph.Real(0);
        DimExpr[] whole = graph.Dims(0);
        DimExpr batch = graph.Dims(2)[0];
        const DataType index = DataType.Int64;

        // For each place of the cache, which token of the update belongs there; those that none belongs to keep what they have.
        OnnxValue places = graph.Node("Range", index, [graph.Number(0, index), graph.Node("Squeeze", index, [graph.Number(whole[2])]), graph.Number(1, index)]);
        OnnxValue Column(OnnxValue list) => graph.Node("Unsqueeze", index, [list, graph.Integers(1)]);
        OnnxValue tokens = graph.Node("Sub", index, [places, Column(graph.Cast(graph.Input(2), index))]);
        OnnxValue count = graph.Number(graph.Dims(1)[IsPacked ? 0 : 2]);
        OnnxValue Safe(OnnxValue numbers) =>
            graph.Node("Max", index, [graph.Node("Min", index, [numbers, graph.Node("Sub", index, [count, graph.Integers(1)])]), graph.Integers(0)]);
        OnnxValue gathered;
        if (IsPacked)
        {
            OnnxValue begins = graph.Cast(graph.Input(Lengths), index);
            OnnxValue starts = graph.Node("Slice", index, [begins, graph.Integers(0), graph.Integers(-1), graph.Integers(0)]);
            OnnxValue ends = graph.Node("Slice", index, [begins, graph.Integers(1), graph.Integers(int.MaxValue), graph.Integers(0)]);
            gathered = graph.Node("Gather", cache.Type, [graph.Real(1), Safe(graph.Node("Add", index, [tokens, Column(starts)]))], Attr.Int("axis", 0));
            count = Column(graph.Node("Sub", index, [ends, starts]));
        }
        else
        {
            OnnxValue where = graph.Node("Unsqueeze", index, [Safe(tokens), graph.Integers(2)]);
            gathered = graph.Node("GatherND", cache.Type, [Swap(graph, graph.Real(1)), where], Attr.Int("batch_dims", 1));
        }

        OnnxValue isFresh = graph.Node("And", DataType.Bool,
            [graph.Node("GreaterOrEqual", DataType.Bool, [tokens, graph.Number(0, index)]), graph.Node("Less", DataType.Bool, [tokens, count])]);
        OnnxValue condition = graph.Node("Unsqueeze", DataType.Bool, [isFresh, graph.Integers(1, 3)]);
        OnnxValue Rows(DimExpr from, DimExpr to) => graph.Node("Slice", cache.Type, [cache, graph.Number(from), graph.Number(to), graph.Integers(0)]);
        bool all = batch.Equals(whole[0]);
        OnnxValue written = graph.Node("Where", cache.Type, [condition, Swap(graph, gathered), all ? cache : Rows(DimExpr.Zero, batch)]);
        graph.Set(0, all ? written : graph.Node("Concat", cache.Type, [written, Rows(batch, whole[0])], Attr.Int("axis", 0)));
    }

    /// <summary>Heads and sequence in each other's places.</summary>
    private static OnnxValue Swap(Lowering graph, OnnxValue value) => graph.Node("Transpose", value.Type, [value], Attr.Ints("perm", 0, 2, 1, 3));
}

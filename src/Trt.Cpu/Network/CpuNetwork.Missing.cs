using Trt.Interop;

namespace Trt.Cpu;

/// <content>Layers that the CPU runtime does not have: refused when they are added, by their C++ name.</content>
internal sealed partial class CpuNetwork
{
    public IPluginV2Layer AddPluginV2(ReadOnlySpan<ITensor> inputs, IPluginV2 plugin) => throw Missing("addPluginV2");

    public IPluginV3Layer AddPluginV3(ReadOnlySpan<ITensor> inputs, ReadOnlySpan<ITensor> shapeInputs, IPluginV3 plugin) => throw Missing("addPluginV3");

    public IDynamicQuantizeLayer AddDynamicQuantize(ITensor input, int axis, int blockSize, DataType outputType, DataType scaleType) => throw Missing("addDynamicQuantize");

    public IDynamicQuantizeLayer AddDynamicQuantizeV2(ITensor input, Dims blockShape, DataType outputType, DataType scaleType) => throw Missing("addDynamicQuantizeV2");

    public IAttention AddAttention(ITensor query, ITensor key, ITensor @value, AttentionNormalizationOp normOp, bool causal) => throw Missing("addAttention");

    public IRotaryEmbeddingLayer AddRotaryEmbedding(ITensor input, ITensor cosCache, ITensor sinCache, bool interleaved, int rotaryEmbeddingDim) => throw Missing("addRotaryEmbedding");

    public IKVCacheUpdateLayer AddKVCacheUpdate(ITensor cache, ITensor update, ITensor writeIndices, KVCacheMode cacheMode) => throw Missing("addKVCacheUpdate");

    public IMoELayer AddMoE(ITensor hiddenStates, ITensor selectedExpertsForTokens, ITensor scoresForSelectedExperts) => throw Missing("addMoE");

    public IDistCollectiveLayer AddDistCollective(ITensor input, CollectiveOperation distCollectiveOp, ReduceOperation reduceOp, long root, ReadOnlySpan<long> groups) => throw Missing("addDistCollective");

    public IAttention AddAttentionV2(ITensor query, ITensor key, ITensor @value, AttentionNormalizationOp normOp, CausalMaskKind causalKind) => throw Missing("addAttentionV2");

    private TensorRtException Missing(string method)
    {
        ThrowIfDisposed();
        return Journal.Failure($"INetworkDefinition::{method}", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage,
            $"The CPU runtime of version {CpuRuntime.Version} does not have {method}; docs/cpu-runtime.md lists what it has."));
    }
}

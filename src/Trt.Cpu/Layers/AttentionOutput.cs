using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>The end of an attention.</summary>
internal sealed class AttentionOutput : CpuLayer, IAttentionOutputLayer
{
    private readonly Attention attention;

    public AttentionOutput(CpuNetwork network, Attention attention, CpuTensor input)
        : base(network, 1, input) => this.attention = attention;

    public override LayerType Type => LayerType.AttentionOutput;

    public IAttention? Attention => Get(attention);

    protected override string Tag => "AttentionOutput";

    protected override string Interface => "IAttentionOutputLayer";

    public override void Infer(Inference context) => context.Set(0, context.Dims(0));

    public override void Lower(Lowering graph) => graph.Set(0, graph.Input(0));
}

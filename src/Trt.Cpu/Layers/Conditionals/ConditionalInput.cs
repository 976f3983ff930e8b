using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Takes a tensor into the branches of a conditional.</summary>
internal sealed class ConditionalInput(CpuConditional conditional, CpuTensor input) : ConditionalBoundary(conditional, 1, input), IIfConditionalInputLayer
{
    public override LayerType Type => LayerType.ConditionalInput;

    protected override string Tag => "Input";

    protected override string Interface => "IIfConditionalInputLayer";

    public override void Infer(Inference context) => context.Set(0, context.Dims(0), context.Values(0));

    public override void Lower(Lowering graph) => graph.Set(0, graph.Input(0));
}

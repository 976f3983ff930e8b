using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>Hands its input on, converted when an output type is set.</summary>
internal sealed class Identity : CpuLayer, IIdentityLayer
{
    private Identity(CpuNetwork network, CpuTensor input)
        : base(network, 1, input)
    {
    }

    public override LayerType Type => LayerType.Identity;

    protected override string Tag => "Identity";

    protected override string Interface => "IIdentityLayer";

    public static Identity Create(CpuNetwork network, ITensor input) => new(network, network.Own(input));

    public override void Infer(Inference context) => context.Set(0, context.Dims(0), context.Values(0));

    public override void Lower(Lowering graph) => graph.Set(0, Cast.Convert(graph, graph.Input(0), graph.OutputType(0)));
}

using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A conditional of a network: of two branches, which its outputs name, a run computes one.</summary>
internal sealed class CpuConditional(CpuNetwork network, int number) : ControlScope(network, $"(Unnamed IfConditional* {number})"), IIfConditional
{
    public Condition? Condition { get; private set; }

    public List<ConditionalResult> Results { get; } = [];

    public IConditionLayer SetCondition(ITensor condition)
    {
        CpuTensor own = Network.Own(condition);
        if (Condition is { } layer)
        {
            layer.SetInput(0, own);
            return layer;
        }

        return Condition = Network.Add(new Condition(this, own));
    }

    public IIfConditionalInputLayer AddInput(ITensor input) => Network.Add(new ConditionalInput(this, Network.Own(input)));

    public IIfConditionalOutputLayer AddOutput(ITensor trueSubgraphOutput, ITensor falseSubgraphOutput)
    {
        ConditionalResult result = new(this, Network.Own(trueSubgraphOutput), Network.Own(falseSubgraphOutput));
        Results.Add(result);
        return Network.Add(result);
    }
}

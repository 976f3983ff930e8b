using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu;

/// <summary>Exchangeable weights of an engine, with what a run needs of them worked out.</summary>
internal sealed class EngineWeights(PlanWeights plan)
{
    public PlanWeights Plan { get; } = plan;

    public long Bytes { get; } = Types.Bytes(plan.Type, plan.Count);

    public OrtElementType OrtType { get; } = Types.Onnx(plan.Type);
}

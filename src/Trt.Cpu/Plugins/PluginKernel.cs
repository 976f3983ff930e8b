using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu;

/// <summary>The operator of a plugin layer: each context computes it with its own copy of the plugin.</summary>
/// <param name="plan">What the plan says of it.</param>
/// <param name="index">Its place among the plan's plugins.</param>
internal sealed class PluginKernel(PlanPlugin plan, int index) : IOrtKernel
{
    public string Name => plan.Kernel;

    public IReadOnlyList<OrtElementType> InputTypes { get; } = [.. plan.Inputs.Select(input => Types.Onnx(input.Type)), .. plan.ShapeInputs.Select(Types.Onnx)];

    public IReadOnlyList<OrtElementType> OutputTypes { get; } = [.. plan.Outputs.Select(output => Types.Onnx(output.Type))];

    public void Compute(in OrtKernelCall call)
    {
        ContextPlugins plugins = call.State as ContextPlugins ?? throw Refusal.Internal($"{plan.Layer}: plugin {plan.Identity} was run without an execution context.");
        plugins[index].Run(call);
    }
}

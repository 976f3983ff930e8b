using Trt.Cpu;
using Trt.Interop;

namespace Trt.Cli.Commands;

/// <summary>ONNX Runtime on the model as it is, without its optimisations.</summary>
internal sealed class OnnxRunner : ComparedRunner
{
    private readonly IOnnxSession session;

    public OnnxRunner(string name, ReadOnlySpan<byte> model)
        : base(name, "ONNX Runtime")
    {
        CpuRuntime.Register();
        session = TensorRt.OpenOnnx(model, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
    }

    public override void Dispose() => session.Dispose();

    protected override IReadOnlyDictionary<string, OnnxTensor> Compute(int sample, IReadOnlyDictionary<string, OnnxTensor> inputs, CancellationToken cancellation) =>
        session.Run(inputs.Where(input => session.Inputs.Any(info => info.Name == input.Key)).ToDictionary(), [.. session.Outputs.Where(output => output.Kind == OnnxValueKind.Tensor).Select(output => output.Name)], cancellation);
}

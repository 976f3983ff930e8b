using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu.Tests.OnnxRuntime;

/// <summary>A managed kernel made of a function.</summary>
internal sealed class TestKernel(string name, OrtElementType[] inputs, OrtElementType[] outputs, TestKernel.Body body) : IOrtKernel
{
    public delegate void Body(in OrtKernelCall call);

    public string Name => name;

    public IReadOnlyList<OrtElementType> InputTypes => inputs;

    public IReadOnlyList<OrtElementType> OutputTypes => outputs;

    public void Compute(in OrtKernelCall call) => body(call);
}

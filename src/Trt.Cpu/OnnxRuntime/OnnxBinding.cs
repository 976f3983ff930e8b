using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>ONNX Runtime's binding behind <see cref="IOnnxBinding"/>.</summary>
/// <param name="binding">The binding, which becomes this one's.</param>
/// <param name="keptAlive">What the session's memory belongs to.</param>
internal sealed class OnnxBinding(OrtBinding binding, object? keptAlive) : IOnnxBinding
{
    public void BindInput(int index, OnnxElementType type, ReadOnlySpan<long> dims, nint data, long bytes) => binding.BindInput(index, data, bytes, type.ToOrt(), dims);

    public void BindOutput(int index, OnnxElementType type, ReadOnlySpan<long> dims, nint data, long bytes) => binding.BindOutput(index, data, bytes, type.ToOrt(), dims);

    public void BindOutput(int index) => binding.BindOutput(index);

    public void Run()
    {
        binding.Run();
        GC.KeepAlive(keptAlive);
    }

    public OnnxTensor GetOutput(int index)
    {
        OrtOutput output = binding.GetOutput(index);
        return new OnnxTensor(output.Type.ToOnnx(), output.Shape, output.Data);
    }

    public void Terminate() => binding.Terminate();

    public void Dispose() => binding.Dispose();
}

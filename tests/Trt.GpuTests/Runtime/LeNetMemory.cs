using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Memory and a stream for runs of contexts that come and go.</summary>
internal sealed class LeNetMemory : IDisposable
{
    private readonly Subject subject;
    private readonly CudaStream stream;
    private readonly DeviceMemory<float> data;
    private readonly DeviceMemory<float> prob;

    public LeNetMemory(Subject subject)
    {
        this.subject = subject;
        stream = new CudaStream(subject.Device);
        data = new DeviceMemory<float>(20 * 784, subject.Device);
        prob = new DeviceMemory<float>(200, subject.Device);
        data.CopyFrom(subject.Digits.Value);
    }

    /// <summary>One run of 20 digits, waited for.</summary>
    public void Run(IExecutionContext context)
    {
        context.SetInputShape("data"u8, [20, 1, 28, 28]);
        context.SetTensorAddress("data"u8, data.Pointer);
        context.SetTensorAddress("prob"u8, prob.Pointer);
        context.EnqueueV3(stream);
        stream.Synchronize();
    }

    /// <summary>What is wrong with the output of the last run.</summary>
    public string? Wrong() => subject.Wrong(prob.ToArray());

    /// <summary>The output of the last run.</summary>
    public void Read(Span<float> output) => prob.CopyTo(output);

    public void Dispose()
    {
        stream.Dispose();
        data.Dispose();
        prob.Dispose();
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>A LeNet context with its stream and memory for up to 32 digits.</summary>
internal sealed class LeNetRun : IDisposable
{
    private readonly Subject subject;
    private int rows;

    /// <summary>A run of some digits.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="context">The context; goes with this object.</param>
    /// <param name="rows">20, or 1.</param>
    public LeNetRun(Subject subject, IExecutionContext context, int rows)
    {
        this.subject = subject;
        Context = context;
        Stream = new CudaStream(subject.Device);
        Data = new DeviceMemory<float>(32 * 784, subject.Device);
        Prob = new DeviceMemory<float>(320, subject.Device);
        Data.CopyFrom(subject.Digits.Value);
        context.SetTensorAddress("data", Data.Pointer);
        context.SetTensorAddress("prob", Prob.Pointer);
        Shape(rows);
    }

    public IExecutionContext Context { get; }

    public CudaStream Stream { get; }

    public DeviceMemory<float> Data { get; }

    public DeviceMemory<float> Prob { get; }

    /// <summary>Sets how many digits there are.</summary>
    public void Shape(int digits)
    {
        rows = digits;
        Context.SetInputShape("data", [digits, 1, 28, 28]);
    }

    /// <summary>Chooses a profile; the shape is to be set again.</summary>
    public void Profile(int profile)
    {
        Context.SetOptimizationProfileAsync(profile, Stream);
        Stream.Synchronize();
    }

    /// <summary>Clears the output and enqueues.</summary>
    public void Enqueue()
    {
        Prob.ClearAsync(Stream);
        Context.EnqueueV3(Stream);
    }

    /// <summary>Waits, and says what is wrong with the output.</summary>
    public string? Wrong() => subject.Wrong(Values());

    /// <summary>Enqueues, waits, and says what is wrong with the output.</summary>
    public string? Run()
    {
        Enqueue();
        return Wrong();
    }

    /// <summary>Waits, and gives the output.</summary>
    public float[] Values()
    {
        Stream.Synchronize();
        return Prob.ToArray()[..(rows * 10)];
    }

    public void Dispose()
    {
        Context.Dispose();
        Stream.Dispose();
        Data.Dispose();
        Prob.Dispose();
    }
}

using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu;

/// <summary>One run as it was enqueued: addresses and shapes as they were then. Used again once it has run.</summary>
internal sealed class RunRequest
{
    private readonly ContextRunner runner;
    private readonly nint[] addresses;
    private readonly long[][] shapes;
    private readonly OutputDelivery?[] deliveries;

    public RunRequest(ContextRunner runner)
    {
        this.runner = runner;
        addresses = new nint[runner.Core.Tensors.Length];
        shapes = Array.ConvertAll(runner.Core.Tensors, tensor => new long[tensor.MemoryRank]);
        deliveries = new OutputDelivery?[addresses.Length];
        GC.SuppressFinalize(this);
    }

    // A recorded run lives as long as the graph that holds it, and nobody says when that ends.
    ~RunRequest() => runner.LetGo();

    /// <summary>Whether it goes back to the context's store after the run; recorded ones run again and do not.</summary>
    public bool IsReusable { get; private set; } = true;

    public Span<nint> Addresses => addresses;

    /// <summary>The session to run instead of the engine's, where somebody watches the run.</summary>
    public RunWatch? Watch { get; set; }

    public void SetShape(int tensor, ReadOnlySpan<long> shape)
    {
        if (runner.Core.Tensors[tensor].Format is { } format)
        {
            format.ToMemory(shape, shapes[tensor]);
        }
        else
        {
            shape.CopyTo(shapes[tensor]);
        }
    }

    /// <summary>How an output whose shape only the run knows is handed on.</summary>
    public void SetDelivery(int tensor, OutputDelivery delivery) => deliveries[tensor] = delivery;

    /// <summary>Makes it one that a graph records: it runs any number of times, and lets go of the context's runner when nothing refers to it.</summary>
    public void Record()
    {
        IsReusable = false;
        GC.ReRegisterForFinalize(this);
    }

    /// <summary>Binds and runs.</summary>
    /// <exception cref="OrtException">ONNX Runtime failed.</exception>
    public void Run()
    {
        try
        {
            runner.Run(this);
        }
        finally
        {
            if (IsReusable)
            {
                runner.GiveBack(this);
            }
        }
    }

    public void Bind(OrtBinding binding)
    {
        EngineTensor[] tensors = runner.Core.Tensors;
        for (int i = 0; i < tensors.Length; i++)
        {
            EngineTensor tensor = tensors[i];
            if (tensor.IsDataDependent)
            {
                binding.BindOutput(tensor.Slot);
                continue;
            }

            long count = 1;
            foreach (long extent in shapes[i])
            {
                count *= extent;
            }

            nint address = count == 0 ? runner.Nowhere : addresses[i];
            if (tensor.IsInput)
            {
                binding.BindInput(tensor.Slot, address, tensor.Bytes(count), tensor.OrtType, shapes[i]);
            }
            else
            {
                binding.BindOutput(tensor.Slot, address, tensor.Bytes(count), tensor.OrtType, shapes[i]);
            }
        }
    }

    /// <summary>Hands on the outputs whose shapes were not known before the run.</summary>
    /// <exception cref="Refusal">One does not fit.</exception>
    public void Deliver(OrtBinding binding)
    {
        EngineTensor[] tensors = runner.Core.Tensors;
        for (int i = 0; i < tensors.Length; i++)
        {
            deliveries[i]?.Take(tensors[i].Name, binding.GetOutput(tensors[i].Slot));
            deliveries[i] = null;
        }
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Cpu;

/// <content>Running: a request is filled with addresses and shapes as they are now, and put into the stream.</content>
internal sealed partial class CpuExecutionContext
{
    private const ulong OutputAlignment = 256;

    public void EnqueueV3(nint stream)
    {
        ThrowIfDisposed();
        const string method = "enqueueV3";
        Prepare(method);
        HostStream queue = StreamOf(stream, method);
        bool records = queue.IsCapturing;
        RunRequest request = runner.Take();
        try
        {
            Fill(request, stream, method);
        }
        catch (Exception)
        {
            runner.GiveBack(request);
            throw;
        }

        if (records)
        {
            request.Record();
        }

        queue.Enqueue(static state => ((RunRequest)state!).Run(), request);
        if (inputConsumed != 0)
        {
            HostDeviceApi.Instance.Streams.RecordEvent(0, inputConsumed, stream);
        }

        if (debugSync && !records)
        {
            queue.Synchronize();
        }
    }

    public void ExecuteV2(ReadOnlySpan<nint> bindings)
    {
        ThrowIfDisposed();
        const string method = "executeV2";
        if (bindings.Length < addresses.Length)
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument($"{bindings.Length} addresses were given, but the engine has {addresses.Length} inputs and outputs."));
        }

        bindings[..addresses.Length].CopyTo(addresses);
        Prepare(method);
        RunRequest request = runner.Take();
        try
        {
            Fill(request, 0, method);
        }
        catch (Exception)
        {
            runner.GiveBack(request);
            throw;
        }

        request.Run();
    }

    private HostStream StreamOf(nint stream, string method) => HostDeviceApi.TryGetStream(stream, out HostStream? queue)
        ? queue
        : throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument(
            $"0x{stream:x} is no stream of the host stand-in, or was disposed. The CPU runtime needs a CudaStream made with Device.Host, or 0 for the default stream."));

    private void Prepare(string method)
    {
        for (int i = 0; i < core.InputCount; i++)
        {
            if (!shapes[i].IsStatic)
            {
                throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument($"Input \"{core.Tensors[i].Name}\" has no shape yet: it was built with {Extents.Text(core.Tensors[i].Dims)}; call setInputShape first."));
            }

            if (shapeValues[i] is not null && addresses[i] == 0)
            {
                throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument($"Input \"{core.Tensors[i].Name}\" decides shapes and has no address yet; call setTensorAddress first."));
            }
        }

        Resolve(method);
    }

    private void Fill(RunRequest request, nint stream, string method)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            nint address = allocators[i] is { } allocator ? Allocate(allocator, i, stream, method) : addresses[i];
            if (address == 0 && shapes[i].Volume > 0)
            {
                throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument($"Parameter check failed, condition: address of {(core.Tensors[i].IsInput ? "input" : "output")} \"{core.Tensors[i].Name}\" is set; call setTensorAddress first."));
            }

            request.Addresses[i] = address;
            request.SetShape(i, shapes[i].AsSpan());
        }
    }

    private nint Allocate(IOutputAllocator allocator, int tensor, nint stream, string method)
    {
        EngineTensor output = core.Tensors[tensor];
        ulong size = (ulong)(shapes[tensor].Volume * output.Size);
        nint address;
        try
        {
            address = allocator.ReallocateOutputAsync(output.Name, addresses[tensor], size, OutputAlignment, stream);
            allocator.NotifyShape(output.Name, shapes[tensor]);
        }
        catch (Exception error)
        {
            throw new TensorRtException($"IExecutionContext::{method}: the output allocator of {output.Name} threw {error.GetType().Name}: {error.Message}", error);
        }

        return address != 0 || size == 0
            ? address
            : throw journal.Failure($"IExecutionContext::{method}", new Refusal(ErrorCode.FailedAllocation, Refusal.ApiUsage, $"the output allocator of {output.Name} gave no memory for {size} bytes."));
    }
}

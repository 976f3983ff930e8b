using Trt.Interop;
using Trt.Interop.Core;
using Trt.Interop.Cuda;

namespace Trt.Cpu;

/// <content>Running: a request is filled with addresses and shapes as they are now, and put into the stream.</content>
internal sealed partial class CpuExecutionContext
{
    private const long OutputAlignment = 512;

    public void EnqueueV3(nint stream)
    {
        ThrowIfDisposed();
        const string method = "enqueueV3";
        Prepare(method);
        HostStream queue = StreamOf(stream, method);
        bool records = queue.IsCapturing;
        if (records && core.HasDataDependent)
        {
            throw journal.Failure($"IExecutionContext::{method}", new Refusal(ErrorCode.UnsupportedState, Refusal.ApiUsage,
                $"the shape of output \"{core.Tensors.First(tensor => tensor.IsDataDependent).Name}\" is known after the run only, so that the run cannot be recorded in a graph."));
        }

        RunWatch? seen = records ? null : Watch(method);
        RunRequest request = runner.Take();
        request.Watch = seen;
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

        if ((core.HasDataDependent || seen is not null) && !records)
        {
            // Output allocators are told shapes before the method returns, profilers times and listeners values.
            queue.Synchronize();
        }

        if (seen is not null)
        {
            Tell(seen, stream, method);
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
        RunWatch? seen = Watch(method);
        RunRequest request = runner.Take();
        request.Watch = seen;
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
        if (debugSync)
        {
            foreach (string layer in core.Description.Layers)
            {
                journal.Info($"IExecutionContext::{method}: {layer} was executed.");
            }
        }

        if (seen is not null)
        {
            Tell(seen, 0, method);
        }
    }

    private HostStream StreamOf(nint stream, string method) => HostDeviceApi.TryGetStream(stream, out HostStream? queue)
        ? queue
        : throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument(
            $"0x{stream:x} is no stream of the host stand-in, or was disposed. The CPU runtime needs a CudaStream made with Device.Host, or 0 for the default stream."));

    private void Prepare(string method)
    {
        if (core.FirstMissing() is >= 0 and int missing)
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Api(
                $"The engine cannot run: its plan was written without weights, and weights {core.Exchangeable[missing].Plan.Label()} were not given back. Refit the engine first."));
        }

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
        if (memory.IsUsers)
        {
            CheckMemory(method);
        }
    }

    private void CheckMemory(string method)
    {
        try
        {
            memory.Check(core.MemoryFor(this));
        }
        catch (Refusal refusal)
        {
            throw journal.Failure($"IExecutionContext::{method}", refusal);
        }
    }

    private void Fill(RunRequest request, nint stream, string method)
    {
        for (int i = 0; i < addresses.Length; i++)
        {
            EngineTensor tensor = core.Tensors[i];
            request.SetShape(i, shapes[i].AsSpan());
            if (tensor.IsDataDependent)
            {
                FillUnknown(request, i, stream, method);
                continue;
            }

            nint address = allocators[i] is { } allocator ? Allocate(allocator, i, stream, method) : addresses[i];
            if (address == 0 && shapes[i].Volume > 0)
            {
                throw Unset(i, method);
            }

            request.Addresses[i] = address;
        }
    }

    /// <summary>An output whose shape only the run knows: memory for the greatest one, or, where there is no greatest one, an allocator that the run asks.</summary>
    private void FillUnknown(RunRequest request, int tensor, nint stream, string method)
    {
        string name = core.Tensors[tensor].Name;
        long limit = Limit(tensor);
        IOutputAllocator? allocator = allocators[tensor];
        if (allocator is null && limit < 0)
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Argument(
                $"the shape of output \"{name}\" depends on data and has no limit, so that an address is not enough; call setOutputAllocator."));
        }

        nint address = allocator is null ? addresses[tensor] : limit < 0 ? 0 : Reallocate(allocator, tensor, limit, stream, method);
        if (allocator is null && address == 0 && limit > 0)
        {
            throw Unset(tensor, method);
        }

        request.SetDelivery(tensor, allocator is null
            ? new OutputDelivery(address, limit, null, null)
            : new OutputDelivery(address, limit, limit >= 0 ? null : size => Reallocate(allocator, tensor, size, stream, method), dims => Notify(allocator, tensor, dims, method)));
    }

    private TensorRtException Unset(int tensor, string method) => journal.Failure($"IExecutionContext::{method}", Refusal.Argument(
        $"Parameter check failed, condition: address of {(core.Tensors[tensor].IsInput ? "input" : "output")} \"{core.Tensors[tensor].Name}\" is set; call setTensorAddress first."));

    private nint Allocate(IOutputAllocator allocator, int tensor, nint stream, string method)
    {
        nint address = Reallocate(allocator, tensor, core.Tensors[tensor].Bytes(core.Tensors[tensor].MemoryVolume(shapes[tensor])), stream, method);
        Notify(allocator, tensor, shapes[tensor], method);
        return address;
    }

    private nint Reallocate(IOutputAllocator allocator, int tensor, long size, nint stream, string method)
    {
        string name = core.Tensors[tensor].Name;
        nint address;
        try
        {
            // Allocators made for TensorRT 8.x have no such slot.
            address = allocator is NativeObject native && !native.Library.Supports("IOutputAllocator.reallocateOutputAsync")
                ? allocator.ReallocateOutput(name, addresses[tensor], (ulong)size, (ulong)OutputAlignment)
                : allocator.ReallocateOutputAsync(name, addresses[tensor], (ulong)size, (ulong)OutputAlignment, stream);
        }
        catch (Exception error)
        {
            throw Thrown(name, error, method);
        }

        return address != 0 || size == 0
            ? address
            : throw journal.Failure($"IExecutionContext::{method}", new Refusal(ErrorCode.FailedAllocation, Refusal.ApiUsage, $"the output allocator of {name} gave no memory for {size} bytes."));
    }

    private void Notify(IOutputAllocator allocator, int tensor, Dims dims, string method)
    {
        string name = core.Tensors[tensor].Name;
        try
        {
            allocator.NotifyShape(name, dims);
        }
        catch (Exception error)
        {
            throw Thrown(name, error, method);
        }
    }

    private static TensorRtException Thrown(string output, Exception error, string method) =>
        new($"IExecutionContext::{method}: the output allocator of {output} threw {error.GetType().Name}: {error.Message}", error);
}

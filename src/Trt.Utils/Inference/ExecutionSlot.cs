using System.Runtime.ExceptionServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>An execution context with what was set on it: profile, shapes, addresses; and the graph of a run with just these, if there is one.</summary>
/// <remarks>
/// A graph holds only as long as its execution context is left alone, so whatever is set drops it. TensorRT does work of its own in the first run after a change, which a graph must not
/// record, so a run is recorded when it comes the second time.
/// </remarks>
internal sealed class ExecutionSlot : IDisposable
{
    private readonly InferenceTensor[] tensors;
    private readonly bool hasHostInputs;
    private readonly Device device;
    private readonly Dims[] shapes;
    private readonly nint[] addresses;
    private readonly nint[] copies;
    private readonly long[]?[] values;
    private readonly int[] aliases;
    private readonly OutputMemory?[] allocators;
    private readonly bool needsScratch;
    private DeviceMemory<byte>? scratch;
    private bool isResolved;
    private bool hasRun;
    private CudaGraphExec? graph;

    /// <param name="context">Owned from here on.</param>
    /// <param name="tensors">Inputs first.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="needsScratch">Whether the context has no scratch memory of its own.</param>
    public ExecutionSlot(IExecutionContext context, InferenceTensor[] tensors, Device device, bool needsScratch)
    {
        Context = context;
        this.needsScratch = needsScratch;
        this.tensors = tensors;
        this.device = device;
        shapes = Array.ConvertAll(tensors, tensor => tensor.Spec.IsDynamic ? Dims.Unknown : tensor.Spec.Shape);
        addresses = new nint[tensors.Length];
        copies = new nint[tensors.Length];
        values = new long[]?[tensors.Length];
        allocators = new OutputMemory?[tensors.Length];
        aliases = Array.ConvertAll(tensors, tensor => Array.FindIndex(tensors, input => input.Spec.IsInput && input.Name == tensor.Spec.AliasedInput));
        hasHostInputs = tensors.Any(tensor => tensor.Spec is { IsInput: true, IsOnHost: true });
        Profile = context.OptimizationProfile;
    }

    public IExecutionContext Context { get; }

    /// <summary>The profile that was set; −1 before one was.</summary>
    public int Profile { get; private set; }

    /// <summary>When it was used last, in runs of its owner.</summary>
    public long LastUse { get; set; }

    public bool HasGraph => graph is not null;

    /// <summary>Whether some output's shape depends on data, so that runs cannot be recorded.</summary>
    public bool IsDataDependent { get; private set; }

    /// <summary>Whether it is set for a run with this profile and the tensors as they are now, but perhaps for the context's own memory.</summary>
    public bool IsFor(int profile)
    {
        if (Profile != profile || !isResolved)
        {
            return false;
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            InferenceTensor tensor = tensors[i];
            if (!tensor.Bound.IsNone && tensor.Bound.Pointer != addresses[i] && tensor.Bound.Pointer != copies[i])
            {
                return false;
            }

            if (tensor.Spec.IsInput && (shapes[i] != tensor.CurrentShape || HasOtherValues(i)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the values of shape-tensor inputs are others than those that were used last.</summary>
    public bool HasOtherValues()
    {
        for (int i = 0; hasHostInputs && i < tensors.Length; i++)
        {
            if (HasOtherValues(i))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sets what differs from the tensors as they are now, and gives the outputs their shapes and memory.</summary>
    /// <returns>Whether the library may have put work into the stream.</returns>
    public bool Apply(int profile, CudaStream stream)
    {
        bool isOther = Profile != profile;
        if (isOther)
        {
            Change();
            Context.SetOptimizationProfileAsync(profile, stream);
            Profile = profile;
            isResolved = false;
            Array.Clear(addresses);
            for (int i = 0; i < tensors.Length; i++)
            {
                shapes[i] = tensors[i].Spec.IsDynamic ? Dims.Unknown : shapes[i];
            }
        }

        for (int i = 0; i < tensors.Length && tensors[i].Spec.IsInput; i++)
        {
            ApplyInput(i);
        }

        if (!isResolved)
        {
            Resolve();
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            if (!tensors[i].Spec.IsInput)
            {
                ApplyOutput(i);
            }

            if (copies[i] != tensors[i].CopyAddress)
            {
                Change();
                copies[i] = tensors[i].CopyAddress;
            }
        }

        return isOther;
    }

    /// <summary>Enqueues a run with what is set: the copies to the device, the network, the copies to the host.</summary>
    public void Enqueue(CudaStream stream)
    {
        IMemoryApi memory = device.Api.Memory;
        for (int i = 0; i < tensors.Length; i++)
        {
            if (copies[i] != 0 && tensors[i].Spec.IsInput)
            {
                memory.CopyToDeviceAsync(device.Ordinal, addresses[i], copies[i], (nuint)tensors[i].ByteCount, stream.Handle);
            }
        }

        if (IsDataDependent)
        {
            EnqueueDataDependent(stream);
        }
        else
        {
            Context.EnqueueV3(stream.Handle);
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            InferenceTensor tensor = tensors[i];
            tensor.Enqueued();
            if (!tensor.Spec.IsInput)
            {
                nint address = allocators[i] is null ? addresses[i] : tensor.DevicePointer;
                if (tensor.CopyAddress != 0)
                {
                    memory.CopyToHostAsync(device.Ordinal, tensor.CopyAddress, address, (nuint)tensor.ByteCount, stream.Handle);
                }
            }
        }

        hasRun = true;
    }

    /// <summary>Whether the run can be launched as a graph, which is recorded if it has come before.</summary>
    /// <param name="recorder">A stream that is not recording.</param>
    /// <param name="refusal">Why it could not be recorded, or null.</param>
    public bool TryRecord(CudaStream recorder, out string? refusal)
    {
        refusal = null;
        if (graph is not null)
        {
            return true;
        }

        if (!hasRun)
        {
            return false;
        }

        if (IsDataDependent)
        {
            refusal = "the shape of an output depends on data, so that each run has to wait for the device";
            return false;
        }

        try
        {
            graph = Record(recorder);
            return true;
        }
        catch (Exception error) when (error is TensorRtException or CudaException)
        {
            refusal = error.Message;
            return false;
        }
    }

    /// <summary>Launches the graph.</summary>
    public void Launch(CudaStream stream)
    {
        graph!.Launch(stream);
        foreach (InferenceTensor tensor in tensors)
        {
            tensor.Enqueued();
        }
    }

    /// <summary>Gives up the graph: something is about to change.</summary>
    public void Change()
    {
        graph?.Dispose();
        graph = null;
        hasRun = false;
    }

    public void Dispose()
    {
        Change();
        Context.Dispose();
        scratch?.Dispose();
    }

    private CudaGraphExec Record(CudaStream recorder)
    {
        recorder.BeginCapture();
        CudaGraph recorded;
        try
        {
            Enqueue(recorder);
        }
        catch (Exception)
        {
            // Whatever happened, the stream must run its work again; why it failed is known already.
            try
            {
                recorder.EndCapture().Dispose();
            }
            catch (CudaException)
            {
            }

            throw;
        }

        recorded = recorder.EndCapture();
        using (recorded)
        {
            return recorded.Instantiate();
        }
    }

    private void EnqueueDataDependent(CudaStream stream)
    {
        try
        {
            Context.EnqueueV3(stream.Handle);
        }
        catch (TensorRtException)
        {
            foreach (OutputMemory? allocator in allocators)
            {
                if (allocator?.Failure is { } failure)
                {
                    allocator.Failure = null;
                    ExceptionDispatchInfo.Throw(failure);
                }
            }

            throw;
        }

        for (int i = 0; i < tensors.Length; i++)
        {
            if (allocators[i] is not null)
            {
                tensors[i].PlaceCopy(tensors[i].ByteCount);
            }
        }
    }

    private void ApplyInput(int i)
    {
        InferenceTensor input = tensors[i];
        nint address = input.PlaceInput();
        if (shapes[i] != input.CurrentShape)
        {
            Change();
            Context.SetInputShape(input.Spec.Utf8, input.CurrentShape);
            shapes[i] = input.CurrentShape;
            isResolved = false;
        }

        if (HasOtherValues(i))
        {
            Change();
            long[] known = values[i] is { } before && before.Length == input.HostValueCount ? before : values[i] = new long[input.HostValueCount];
            for (int k = 0; k < known.Length; k++)
            {
                known[k] = input.HostValue(k);
            }

            isResolved = false;
            addresses[i] = 0; // set again, so that the library reads the values again
        }

        SetAddress(i, address);
    }

    private void Resolve()
    {
        if (hasHostInputs && Context.InferShapes() is { Length: > 0 } missing)
        {
            throw new InvalidOperationException($"The shapes of the run cannot be computed without shape or values of {string.Join(", ", missing)}.");
        }

        if (needsScratch)
        {
            PlaceScratch();
        }

        IsDataDependent = false;
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Spec.IsInput)
            {
                continue;
            }

            Dims found = Context.GetTensorShape(tensors[i].Spec.Utf8);
            if (found.NbDims < 0)
            {
                _ = Context.InferShapes(); // throws with the library's reason
                throw new InvalidOperationException($"The library cannot tell the shape of output \"{tensors[i].Name}\" for these inputs.");
            }

            shapes[i] = found;
            IsDataDependent |= !found.IsStatic;
        }

        isResolved = true;
    }

    /// <summary>Gives the context scratch memory for the shapes that were set. It grows and never shrinks.</summary>
    private void PlaceScratch()
    {
        long bytes = checked((long)Context.UpdateDeviceMemorySizeForShapes());
        if (scratch is null || scratch.ByteLength < bytes)
        {
            Change();
            scratch?.Dispose();
            scratch = null;
            scratch = new DeviceMemory<byte>(Math.Max(bytes, 1), device);
        }

        if (TensorRtLibrary.Of(Context)?.Supports("IExecutionContext.setDeviceMemoryV2") == true)
        {
            Context.SetDeviceMemoryV2(scratch.Pointer, scratch.ByteLength);
        }
        else
        {
            Context.SetDeviceMemory(scratch.Pointer);
        }
    }

    private void ApplyOutput(int i)
    {
        InferenceTensor output = tensors[i];
        if (shapes[i].IsStatic)
        {
            long bytes = output.Spec.HasUnknownSize ? Context.GetMaxOutputSize(output.Name) : output.Spec.MemoryBytes(shapes[i]);
            SetAddress(i, output.PlaceOutput(shapes[i], bytes, aliases[i] < 0 ? 0 : addresses[aliases[i]]));
            return;
        }

        output.Found(shapes[i]);
        if (allocators[i] is null)
        {
            allocators[i] = new OutputMemory(output);
            Context.SetOutputAllocator(output.Name, allocators[i]);
        }
    }

    private void SetAddress(int i, nint address)
    {
        if (addresses[i] != address)
        {
            Change();
            Context.SetTensorAddress(tensors[i].Spec.Utf8, address);
            addresses[i] = address;
        }
    }

    private bool HasOtherValues(int i)
    {
        InferenceTensor input = tensors[i];
        if (input.Spec is not { IsInput: true, IsOnHost: true })
        {
            return false;
        }

        if (values[i] is not { } known || known.Length != input.HostValueCount)
        {
            return true;
        }

        for (int k = 0; k < known.Length; k++)
        {
            if (known[k] != input.HostValue(k))
            {
                return true;
            }
        }

        return false;
    }
}

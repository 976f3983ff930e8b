namespace Trt.Interop.Cuda;

/// <summary>Gives TensorRT its device memory from a pool: for <see cref="IRuntime"/>, <see cref="IBuilder"/> and <see cref="IExecutionContext.TemporaryStorageAllocator"/>.</summary>
/// <remarks>
/// <code>
/// using DeviceMemoryPool pool = new(device) { ReleaseThreshold = ulong.MaxValue };
/// runtime.SetGpuAllocator(new PoolGpuAllocator(pool));
/// </code>
/// What TensorRT asks for in stream order is allocated and freed so; what it asks for without a stream can be used in every stream when the call returns. Where there is too little memory the
/// answer is null, and TensorRT looks for another way or says so. The pool must live until TensorRT has given everything back. Safe to use from any thread; allocates nothing on the managed heap.
/// </remarks>
public sealed class PoolGpuAllocator : IGpuAsyncAllocator, IDisposable
{
    private readonly CudaStream own;
    private long live;
    private long calls;

    /// <summary>Makes an allocator over a pool.</summary>
    /// <param name="pool">The pool; stays its owner's.</param>
    public PoolGpuAllocator(DeviceMemoryPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Pool = pool;
        own = new CudaStream(pool.Device);
    }

    /// <summary>Where the memory comes from.</summary>
    public DeviceMemoryPool Pool { get; }

    /// <summary>How many allocations TensorRT holds at this moment.</summary>
    public long LiveAllocations => Interlocked.Read(ref live);

    /// <summary>How many it has asked for.</summary>
    public long TotalAllocations => Interlocked.Read(ref calls);

    /// <summary>Allocates for all streams.</summary>
    /// <param name="size">Bytes; 0 gives null.</param>
    /// <param name="alignment">A power of two; pools align to 256 bytes and more.</param>
    /// <param name="flags">Ignored: no allocation can be resized.</param>
    /// <returns>The address, or null.</returns>
    public nint Allocate(ulong size, ulong alignment, uint flags)
    {
        nint pointer = AllocateAsync(size, alignment, flags, own.Handle);
        if (pointer != 0)
        {
            own.Synchronize();
        }

        return pointer;
    }

    /// <summary>Frees after all work of the device.</summary>
    /// <param name="memory">What was allocated, or null.</param>
    /// <returns>Whether it was this allocator's.</returns>
    public bool Deallocate(nint memory) => Give(memory, null);

    /// <summary>Allocates in the order of a stream.</summary>
    /// <param name="size">Bytes; 0 gives null.</param>
    /// <param name="alignment">A power of two; pools align to 256 bytes and more.</param>
    /// <param name="flags">Ignored: no allocation can be resized.</param>
    /// <param name="stream">The stream, a <c>cudaStream_t</c>.</param>
    /// <returns>The address, or null.</returns>
    public nint AllocateAsync(ulong size, ulong alignment, uint flags, nint stream)
    {
        if (size == 0 || size > long.MaxValue)
        {
            return 0;
        }

        nint pointer;
        try
        {
            pointer = Pool.Device.Api.Pools.Allocate(Pool.Device.Ordinal, Pool.Handle, (nuint)size, stream);
        }
        catch (CudaException error) when (error.Result == CudaResult.OutOfMemory)
        {
            return 0;
        }

        if (alignment > 1 && ((ulong)pointer & (alignment - 1)) != 0)
        {
            Pool.Device.Api.Memory.FreeAsync(Pool.Device.Ordinal, pointer, stream);
            return 0;
        }

        Interlocked.Increment(ref live);
        Interlocked.Increment(ref calls);
        return pointer;
    }

    /// <summary>Frees in the order of a stream.</summary>
    /// <param name="memory">What was allocated, or null.</param>
    /// <param name="stream">The stream, a <c>cudaStream_t</c>.</param>
    /// <returns>Whether it was this allocator's.</returns>
    public bool DeallocateAsync(nint memory, nint stream) => Give(memory, stream);

    /// <summary>Gives up the stream of allocations without one; the pool stays.</summary>
    public void Dispose() => own.Dispose();

    private bool Give(nint memory, nint? stream)
    {
        if (memory == 0)
        {
            return true;
        }

        try
        {
            if (stream is { } order)
            {
                Pool.Device.Api.Memory.FreeAsync(Pool.Device.Ordinal, memory, order);
            }
            else
            {
                Pool.Device.Api.Memory.Free(Pool.Device.Ordinal, memory);
            }
        }
        catch (CudaException error) when (error.Result == CudaResult.InvalidValue)
        {
            return false;
        }

        Interlocked.Decrement(ref live);
        return true;
    }
}

namespace Trt.Interop.Cuda;

/// <summary>Memory pools of one <see cref="IDeviceApi"/> beside the devices' own. What is allocated from one is given back with <see cref="IMemoryApi.FreeAsync"/> or <see cref="IMemoryApi.Free"/>.</summary>
public interface IPoolApi
{
    /// <summary>Makes a pool.</summary>
    /// <param name="device">The device whose memory it gives out.</param>
    /// <param name="maxBytes">The most that it may hold; 0: no limit.</param>
    /// <param name="isShareable">Whether other processes may import it.</param>
    /// <returns>Its handle.</returns>
    nint Create(int device, nuint maxBytes, bool isShareable);

    /// <summary>Gives a pool up. Memory allocated from it stays until it is freed.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pool">The pool.</param>
    void Destroy(int device, nint pool);

    /// <summary>Allocates in stream order.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="bytes">At least 1.</param>
    /// <param name="stream">The stream after whose earlier work the memory may be used.</param>
    /// <returns>Its address, aligned to at least 256 bytes.</returns>
    nint Allocate(int device, nint pool, nuint bytes, nint stream);

    /// <summary>Returns unused memory to the system.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="bytesToKeep">What it may keep.</param>
    void Trim(int device, nint pool, nuint bytesToKeep);

    /// <summary>Reads a number.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="attribute">Which.</param>
    /// <returns>The number; 0 and 1 for false and true.</returns>
    ulong GetAttribute(int device, nint pool, PoolAttribute attribute);

    /// <summary>Sets a number.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="attribute">Which.</param>
    /// <param name="value">The number.</param>
    void SetAttribute(int device, nint pool, PoolAttribute attribute, ulong value);

    /// <summary>What a device may do with the pool's memory.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="peer">The device that uses the memory.</param>
    /// <returns>Its rights.</returns>
    PoolAccess GetAccess(nint pool, int peer);

    /// <summary>Says what another device may do with the pool's memory.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="peer">The device that uses the memory.</param>
    /// <param name="access">Its rights.</param>
    void SetAccess(nint pool, int peer, PoolAccess access);

    /// <summary>Makes a file descriptor for a pool that was made shareable.</summary>
    /// <param name="pool">The pool.</param>
    /// <returns>The descriptor, the caller's to close.</returns>
    nint Export(nint pool);

    /// <summary>Makes a pool out of another process's descriptor. Nothing can be allocated from it; pointers are imported.</summary>
    /// <param name="device">The device of the pool.</param>
    /// <param name="descriptor">The descriptor; may be closed afterwards.</param>
    /// <returns>Its handle.</returns>
    nint Import(int device, nint descriptor);

    /// <summary>Describes memory of a shareable pool for another process.</summary>
    /// <param name="pointer">What <see cref="Allocate"/> returned.</param>
    /// <returns>The description.</returns>
    IpcPoolPointer ExportPointer(nint pointer);

    /// <summary>The address here of memory that another process described.</summary>
    /// <param name="device">The device of the pool.</param>
    /// <param name="pool">The imported pool.</param>
    /// <param name="pointer">The description.</param>
    /// <returns>The address; given back with <see cref="IMemoryApi.FreeAsync"/>, before the exporting process frees it.</returns>
    nint ImportPointer(int device, nint pool, in IpcPoolPointer pointer);
}

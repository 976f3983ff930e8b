namespace Trt.Interop.Cuda;

/// <summary>Memory and events of one <see cref="IDeviceApi"/> in several processes of a machine. Handles are the driver's, which C++ and Python read too.</summary>
public interface IIpcApi
{
    /// <summary>Describes an allocation for other processes.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="pointer">An address inside of what <see cref="IMemoryApi.Allocate"/> returned.</param>
    /// <param name="offset">How many bytes the address lies behind the allocation's beginning, which is what the handle stands for.</param>
    /// <returns>The handle.</returns>
    IpcMemoryHandle GetMemoryHandle(int device, nint pointer, out long offset);

    /// <summary>Maps another process's allocation.</summary>
    /// <param name="device">The device to use it on.</param>
    /// <param name="handle">The handle.</param>
    /// <param name="size">The allocation's bytes.</param>
    /// <returns>The address of the allocation's beginning; given back with <see cref="CloseMemory"/>.</returns>
    nint OpenMemory(int device, in IpcMemoryHandle handle, out long size);

    /// <summary>Takes a mapping away; the memory stays its process's.</summary>
    /// <param name="device">The device that it was opened on.</param>
    /// <param name="pointer">What <see cref="OpenMemory"/> returned.</param>
    void CloseMemory(int device, nint pointer);

    /// <summary>Describes an event for other processes.</summary>
    /// <param name="device">Its device.</param>
    /// <param name="target">An event made with <see cref="EventFlags.Interprocess"/>.</param>
    /// <returns>The handle.</returns>
    IpcEventHandle GetEventHandle(int device, nint target);

    /// <summary>Opens another process's event.</summary>
    /// <param name="device">The device to use it on.</param>
    /// <param name="handle">The handle.</param>
    /// <returns>An event; given back with <see cref="IStreamApi.DestroyEvent"/>.</returns>
    nint OpenEvent(int device, in IpcEventHandle handle);
}

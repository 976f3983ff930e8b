namespace Trt.Interop.Cuda;

/// <summary>GPU code of one <see cref="IDeviceApi"/>. The host stand-in runs none and refuses each call with a sentence.</summary>
public interface IModuleApi
{
    /// <summary>Loads PTX text, a cubin or a fat binary.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="image">The image; PTX needs no closing zero.</param>
    /// <returns>The module's handle.</returns>
    nint Load(int device, ReadOnlySpan<byte> image);

    /// <summary>Unloads a module; its kernels are gone with it.</summary>
    /// <param name="device">The device of the module.</param>
    /// <param name="module">The module.</param>
    void Unload(int device, nint module);

    /// <summary>Finds a kernel.</summary>
    /// <param name="device">The device of the module.</param>
    /// <param name="module">The module.</param>
    /// <param name="name">The kernel's name as it stands in the image.</param>
    /// <returns>The kernel's handle.</returns>
    nint GetFunction(int device, nint module, string name);

    /// <summary>Queues a kernel.</summary>
    /// <param name="device">The device of the stream.</param>
    /// <param name="function">The kernel.</param>
    /// <param name="grid">Blocks in each direction.</param>
    /// <param name="block">Threads of a block in each direction.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="arguments">The arguments, laid out as the kernel's parameter block.</param>
    void Launch(int device, nint function, Dim3 grid, Dim3 block, uint sharedBytes, nint stream, ReadOnlySpan<byte> arguments);
}

namespace Trt.Interop.Cuda;

/// <summary>A kernel of a <see cref="CudaModule"/>. Safe to use from any thread.</summary>
public sealed class CudaKernel
{
    private readonly nint handle;

    internal CudaKernel(CudaModule module, string name, nint handle)
    {
        Module = module;
        Name = name;
        this.handle = handle;
    }

    /// <summary>The module that it is in, which it keeps alive.</summary>
    public CudaModule Module { get; }

    /// <summary>Its name in the image.</summary>
    public string Name { get; }

    /// <summary>Queues one run. Allocates nothing.</summary>
    /// <param name="stream">A stream of the module's device.</param>
    /// <param name="grid">Blocks in each direction.</param>
    /// <param name="block">Threads of a block in each direction.</param>
    /// <param name="arguments">The kernel's arguments, in its order.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <exception cref="ObjectDisposedException">The module was disposed.</exception>
    /// <exception cref="CudaException">The launch was refused: sizes, resources or arguments.</exception>
    public void Launch(CudaStream stream, Dim3 grid, Dim3 block, in KernelArguments arguments, uint sharedBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(Module.IsDisposed, Module);
        DeviceResource.CheckTogether(Module.Device, stream.Device, "Kernel and stream");
        Module.Device.Api.Modules.Launch(Module.Device.Ordinal, handle, grid, block, sharedBytes, stream.Handle, arguments.Written);
    }

    /// <summary>Names kernel and device.</summary>
    public override string ToString() => $"kernel {Name} of {Module.Device}";
}

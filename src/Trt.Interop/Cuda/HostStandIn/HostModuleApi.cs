namespace Trt.Interop.Cuda;

/// <summary>The host stand-in runs no GPU code and says so.</summary>
internal sealed class HostModuleApi : IModuleApi
{
    public nint Load(int device, ReadOnlySpan<byte> image) => throw Refuse("LoadModule");

    public void Unload(int device, nint module) => throw Refuse("UnloadModule");

    public nint GetFunction(int device, nint module, string name) => throw Refuse("GetFunction");

    public void Launch(int device, nint function, Dim3 grid, Dim3 block, uint sharedBytes, nint stream, ReadOnlySpan<byte> arguments) => throw Refuse("LaunchKernel");

    private static CudaException Refuse(string function) =>
        new(CudaResult.NotSupported, function, "The host stand-in cannot run GPU code. Queue a callback with CudaStream.Enqueue there, or use a GPU of Device.All.");
}

using System.Runtime.InteropServices;
using System.Text;
using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>GPU code by the driver.</summary>
internal sealed unsafe class CudaModuleApi(DriverFunctions driver, PrimaryContexts contexts) : IModuleApi
{
    private const int ErrorLogBuffer = 5, ErrorLogBufferSize = 6; // CU_JIT_…
    private const int LogLength = 8192;

    public nint Load(int device, ReadOnlySpan<byte> image)
    {
        // PTX is text that must end in a zero; one more byte does no harm to a binary.
        byte* copy = (byte*)NativeMemory.Alloc((nuint)image.Length + 1);
        byte* log = (byte*)NativeMemory.AllocZeroed(LogLength);
        try
        {
            image.CopyTo(new Span<byte>(copy, image.Length));
            copy[image.Length] = 0;
            int* options = stackalloc int[] { ErrorLogBuffer, ErrorLogBufferSize };
            void** values = stackalloc void*[2];
            values[0] = log;
            values[1] = (void*)(nuint)(LogLength - 1);
            using ContextScope scope = contexts.Enter(device);
            nint module;
            int result = driver.ModuleLoadDataEx(&module, copy, 2, options, values);
            if (result != 0)
            {
                string text = Marshal.PtrToStringUTF8((nint)log)!.Trim();
                throw new CudaException((CudaResult)result, "cuModuleLoadDataEx", text.Length == 0 ? null : $"The driver's compiler says: {text}");
            }

            return module;
        }
        finally
        {
            NativeMemory.Free(copy);
            NativeMemory.Free(log);
        }
    }

    public void Unload(int device, nint module)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.ModuleUnload(module), "cuModuleUnload");
    }

    public nint GetFunction(int device, nint module, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(name + "\0");
        using ContextScope scope = contexts.Enter(device);
        fixed (byte* characters = text)
        {
            nint function;
            int result = driver.ModuleGetFunction(&function, module, characters);
            if (result != 0)
            {
                throw new CudaException((CudaResult)result, "cuModuleGetFunction", $"The module was asked for a kernel \"{name}\".");
            }

            return function;
        }
    }

    public void Launch(int device, nint function, Dim3 grid, Dim3 block, uint sharedBytes, nint stream, ReadOnlySpan<byte> arguments)
    {
        bool pushed = contexts.Push(device);
        fixed (byte* buffer = arguments)
        {
            // The parameter block as a whole: CU_LAUNCH_PARAM_BUFFER_POINTER, its address, CU_LAUNCH_PARAM_BUFFER_SIZE, its size, end.
            nuint size = (nuint)arguments.Length;
            void** extra = stackalloc void*[5];
            extra[0] = (void*)1;
            extra[1] = buffer;
            extra[2] = (void*)2;
            extra[3] = &size;
            extra[4] = null;
            int result = driver.LaunchKernel(function, grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z, sharedBytes, stream, null, arguments.IsEmpty ? null : extra);
            contexts.Pop(pushed);
            Check(result, "cuLaunchKernel");
        }
    }
}

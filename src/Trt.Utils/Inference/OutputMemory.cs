using Trt.Interop;

namespace Trt.Utils;

/// <summary>Gives an output whose shape depends on data its memory, inside of the run.</summary>
internal sealed class OutputMemory(InferenceTensor output) : IOutputAllocator
{
    /// <summary>Why there was no memory, or null.</summary>
    public Exception? Failure { get; set; }

    public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
    {
        try
        {
            return output.PlaceDuringRun(checked((long)size));
        }
        catch (Exception error)
        {
            // Thrown by the run when the library has returned: nothing may be thrown through it.
            Failure = error;
            return 0;
        }
    }

    public nint ReallocateOutputAsync(string tensorName, nint currentMemory, ulong size, ulong alignment, nint stream) => ReallocateOutput(tensorName, currentMemory, size, alignment);

    public void NotifyShape(string tensorName, Dims dims) => output.Found(dims);
}

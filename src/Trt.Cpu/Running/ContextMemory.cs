using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The memory that a context of strategy kUSER_MANAGED is given for what lies between its layers.</summary>
/// <remarks>
/// ONNX Runtime allocates for itself and does not touch it; sizes, and whether it is there when a run begins, are as a program for a GPU has to have them.
/// </remarks>
internal sealed class ContextMemory(ExecutionContextAllocationStrategy strategy)
{
    private bool isSet;
    private nint address;
    private long size;

    public bool IsUsers => strategy == ExecutionContextAllocationStrategy.UserManaged;

    /// <summary>Takes memory of a size, which is not known (−1) to callers of the older method.</summary>
    /// <exception cref="Refusal">It is not the user's to give, or too small to be any.</exception>
    public void Set(nint memory, long bytes)
    {
        if (!IsUsers)
        {
            throw Refusal.Api("The context was not created with kUSER_MANAGED memory, so that it takes none.");
        }

        if (bytes < -1)
        {
            throw Refusal.Argument($"Parameter check failed, condition: size >= 0. It is {bytes}.");
        }

        isSet = true;
        address = memory;
        size = bytes;
    }

    /// <summary>Checks that a run has what it needs.</summary>
    /// <exception cref="Refusal">It has not.</exception>
    public void Check(long needed)
    {
        if (!IsUsers || needed == 0)
        {
            return;
        }

        if (!isSet || address == 0)
        {
            throw Refusal.Api($"The run needs {needed} bytes of device memory. The context was created with kUSER_MANAGED memory; call setDeviceMemoryV2 before running it.");
        }

        if (size >= 0 && size < needed)
        {
            throw Refusal.Api($"The run needs {needed} bytes of device memory, but setDeviceMemoryV2 was given {size}.");
        }
    }
}

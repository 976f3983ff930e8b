namespace Trt.Interop.Cuda;

/// <summary>Recorded operations, never changed once recorded.</summary>
internal sealed class HostGraph(HostOperation[] operations)
{
    internal HostOperation[] Operations { get; set; } = operations;

    internal static bool HaveSameShape(HostOperation[] left, HostOperation[] right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (int i = 0; i < left.Length; i++)
        {
            if (left[i].Kind != right[i].Kind)
            {
                return false;
            }
        }

        return true;
    }
}

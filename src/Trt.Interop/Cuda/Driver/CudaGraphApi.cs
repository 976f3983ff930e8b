using System.Runtime.CompilerServices;
using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>Graphs by the driver.</summary>
internal sealed unsafe class CudaGraphApi(DriverFunctions driver, PrimaryContexts contexts) : IGraphApi
{
    public void BeginCapture(int device, nint stream, CaptureMode mode)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.StreamBeginCapture(stream, (int)mode), "cuStreamBeginCapture_v2");
    }

    public nint EndCapture(int device, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        nint graph;
        Check(driver.StreamEndCapture(stream, &graph), "cuStreamEndCapture");
        return graph;
    }

    public CaptureStatus GetCaptureStatus(int device, nint stream)
    {
        using ContextScope scope = contexts.Enter(device);
        int status;
        Check(driver.StreamIsCapturing(stream, &status), "cuStreamIsCapturing");
        return (CaptureStatus)status;
    }

    public long GetNodeCount(int device, nint graph)
    {
        using ContextScope scope = contexts.Enter(device);
        nuint count;
        Check(driver.GraphGetNodes(graph, null, &count), "cuGraphGetNodes");
        return (long)count;
    }

    public nint Instantiate(int device, nint graph)
    {
        using ContextScope scope = contexts.Enter(device);
        nint instance;
        if (driver.GraphInstantiateWithFlags != null)
        {
            Check(driver.GraphInstantiateWithFlags(&instance, graph, 0), "cuGraphInstantiateWithFlags");
        }
        else
        {
            Check(driver.GraphInstantiate(&instance, graph, null, null, 0), "cuGraphInstantiate_v2");
        }

        return instance;
    }

    public bool TryUpdate(int device, nint instance, nint graph)
    {
        Need(driver.GraphExecUpdate, "cuGraphExecUpdate", "10.2");
        using ContextScope scope = contexts.Enter(device);
        nint node;
        int reason;
        int result = driver.GraphExecUpdate(instance, graph, &node, &reason);
        if (result == (int)CudaResult.GraphExecUpdateFailure)
        {
            return false;
        }

        Check(result, "cuGraphExecUpdate");
        return true;
    }

    public void Launch(int device, nint instance, nint stream)
    {
        // A stream of one's own says the context by itself: that of the thread is looked at only where the driver asks for it. The default streams (0, 1, 2) are those of the thread's context.
        int result = (nuint)stream > 2 ? driver.GraphLaunch(instance, stream) : (int)CudaResult.InvalidContext;
        if (result != 0)
        {
            LaunchInContext(result, device, instance, stream);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LaunchInContext(int result, int device, nint instance, nint stream)
    {
        if ((CudaResult)result is CudaResult.InvalidContext or CudaResult.InvalidHandle or CudaResult.NotInitialized)
        {
            using ContextScope scope = contexts.Enter(device);
            result = driver.GraphLaunch(instance, stream);
        }

        Check(result, "cuGraphLaunch");
    }

    public void Destroy(int device, nint graph)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.GraphDestroy(graph), "cuGraphDestroy");
    }

    public void DestroyInstance(int device, nint instance)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.GraphExecDestroy(instance), "cuGraphExecDestroy");
    }
}

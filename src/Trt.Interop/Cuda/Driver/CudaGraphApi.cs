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
        bool pushed = contexts.Push(device);
        int result = driver.GraphLaunch(instance, stream);
        contexts.Pop(pushed);
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

namespace Trt.Interop.Cuda;

/// <summary>Graphs of the host stand-in.</summary>
internal sealed class HostGraphApi(HostDeviceApi api) : IGraphApi
{
    private static readonly HandleTable<HostGraph> Graphs = new(0x4747);
    private static readonly HandleTable<HostGraph> Instances = new(0x4949);

    public void BeginCapture(int device, nint stream, CaptureMode mode)
    {
        HostStream origin = Find(device, stream);
        origin.BeginCapture(new HostCapture(origin, mode));
    }

    public nint EndCapture(int device, nint stream)
    {
        HostStream origin = Find(device, stream);
        HostCapture? capture = origin.Capture;
        if (capture is null || capture.Origin != origin)
        {
            throw new CudaException(CudaResult.StreamCaptureUnmatched, "EndCapture", "End it with the stream that BeginCapture was called on.");
        }

        capture.CheckThread();
        HostOperation[] operations = capture.End(out HostStream[] streams, out CudaException? error);
        foreach (HostStream member in streams)
        {
            member.EndCapture();
        }

        return error is null ? Graphs.Add(new HostGraph(operations)) : throw error;
    }

    public CaptureStatus GetCaptureStatus(int device, nint stream) => Find(device, stream).Capture?.Status ?? CaptureStatus.None;

    public long GetNodeCount(int device, nint graph) => Graphs.Get(graph, "GetNodeCount", "graph").Operations.Length;

    public nint Instantiate(int device, nint graph) => Instances.Add(new HostGraph(Graphs.Get(graph, "Instantiate", "graph").Operations));

    public bool TryUpdate(int device, nint instance, nint graph)
    {
        HostGraph target = Instances.Get(instance, "UpdateGraph", "instantiated graph");
        HostOperation[] operations = Graphs.Get(graph, "UpdateGraph", "graph").Operations;
        if (!HostGraph.HaveSameShape(target.Operations, operations))
        {
            return false;
        }

        target.Operations = operations; // launches already queued hold the array before
        return true;
    }

    public void Launch(int device, nint instance, nint stream) =>
        Find(device, stream).Submit(HostOperation.Graph(Instances.Get(instance, "LaunchGraph", "instantiated graph").Operations));

    public void Destroy(int device, nint graph) => Graphs.Remove(graph, "DestroyGraph", "graph");

    public void DestroyInstance(int device, nint instance) => Instances.Remove(instance, "DestroyGraph", "instantiated graph");

    private HostStream Find(int device, nint stream) => stream is 0 or 1 ? api.Get(device).DefaultStream : HostDeviceApi.StreamFromHandle(stream);
}

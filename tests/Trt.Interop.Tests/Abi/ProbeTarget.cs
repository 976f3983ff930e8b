namespace Trt.Interop.Tests.Abi;

/// <summary>A managed implementation that notes what it is asked.</summary>
internal abstract class ProbeTarget(Probe p)
{
#pragma warning disable IDE1006 // the name that generated classes use for it
    protected readonly Probe p = p;
#pragma warning restore IDE1006

    /// <summary>The class that it implements.</summary>
    public int ClassId { get; set; }

    public int Disposals { get; private set; }

    public void Dispose() => Disposals++;
}

using Trt.Interop;

namespace Trt.Cpu;

/// <content>Debug tensors: marked before the build, so that a run can show their values.</content>
internal sealed partial class CpuNetwork
{
    private readonly HashSet<CpuTensor> debugTensors = [];
    private bool debugsUnfused;

    /// <summary>Whether all tensors that are left after fusion are to be shown on demand.</summary>
    public bool DebugsUnfused => debugsUnfused;

    /// <summary>Tensors that were marked one by one.</summary>
    public IReadOnlySet<CpuTensor> DebugTensors => debugTensors;

    public void MarkDebug(ITensor tensor) => debugTensors.Add(Own(tensor));

    public void UnmarkDebug(ITensor tensor) => debugTensors.Remove(Own(tensor));

    public bool IsDebugTensor(ITensor tensor) => debugTensors.Contains(Own(tensor));

    public void MarkUnfusedTensorsAsDebugTensors()
    {
        ThrowIfDisposed();
        debugsUnfused = true;
    }

    public void UnmarkUnfusedTensorsAsDebugTensors()
    {
        ThrowIfDisposed();
        debugsUnfused = false;
    }
}

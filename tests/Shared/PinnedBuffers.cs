using System.Runtime.InteropServices;

namespace Trt.Tests;

/// <summary>Arrays that stay where they are while a test uses their addresses.</summary>
internal sealed class PinnedBuffers : IDisposable
{
    private readonly List<GCHandle> pins = [];

    public nint Add(Array array)
    {
        GCHandle pin = GCHandle.Alloc(array.Length == 0 ? new byte[16] : array, GCHandleType.Pinned);
        pins.Add(pin);
        return pin.AddrOfPinnedObject();
    }

    public void Dispose() => pins.ForEach(pin => pin.Free());
}

using System.Runtime.InteropServices;
using System.Text;
using Trt.Cpu.OnnxRuntime.Native;
using NativeSession = Trt.Cpu.OnnxRuntime.Native.OrtSession;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>A native session with what must live as long: its initializers, its managed kernels and the names of its inputs and outputs. Bindings add references, so it goes after the last of them.</summary>
internal sealed unsafe class OrtSessionHandle(OrtEnvironment environment) : SafeHandle(0, ownsHandle: true)
{
    private readonly List<nint> values = [];
    private readonly List<nint> names = [];
    private OrtKernelSet? kernels;
    private GCHandle log;

    public override bool IsInvalid => handle == 0;

    public NativeSession* Session => (NativeSession*)handle;

    /// <summary>Takes over a session.</summary>
    public void Own(NativeSession* session) => SetHandle((nint)session);

    /// <summary>Takes over a value that the session may read at any time.</summary>
    public void Own(OrtValue* value) => values.Add((nint)value);

    /// <summary>Takes over the kernels that the session calls.</summary>
    public void Own(OrtKernelSet set) => kernels = set;

    /// <summary>Takes over what hears the session's log.</summary>
    public nint Own(Action<int, string> receiver)
    {
        log = GCHandle.Alloc(receiver);
        return GCHandle.ToIntPtr(log);
    }

    /// <summary>A name in native memory, freed with the session.</summary>
    public nint Native(string name)
    {
        byte* copy = Utf8(name);
        names.Add((nint)copy);
        return (nint)copy;
    }

    /// <summary>Frees values and names of a session that never came to be.</summary>
    public void Abandon()
    {
        if (IsInvalid)
        {
            ReleaseRest();
            SetHandleAsInvalid();
        }
        else
        {
            Dispose();
        }
    }

    /// <summary>A zero-terminated copy; free it with <see cref="NativeMemory.Free"/>.</summary>
    public static byte* Utf8(string text)
    {
        int count = Encoding.UTF8.GetByteCount(text);
        byte* copy = (byte*)NativeMemory.Alloc((nuint)count + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, count));
        copy[count] = 0;
        return copy;
    }

    protected override bool ReleaseHandle()
    {
        environment.Api.ReleaseSession(Session);
        ReleaseRest();
        return true;
    }

    private void ReleaseRest()
    {
        values.ForEach(value => environment.Api.ReleaseValue((OrtValue*)value));
        names.ForEach(name => NativeMemory.Free((void*)name));
        kernels?.Dispose();
        values.Clear();
        names.Clear();
        if (log.IsAllocated)
        {
            log.Free();
        }
    }
}

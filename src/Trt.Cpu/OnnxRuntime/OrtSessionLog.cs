using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>Takes a session's log lines to who made the session.</summary>
internal static unsafe class OrtSessionLog
{
    /// <summary>What ONNX Runtime calls; the state is a handle to the receiver.</summary>
    [UnmanagedCallersOnly]
    public static void Write(void* state, OrtLoggingLevel severity, byte* category, byte* id, byte* location, byte* message)
    {
        try
        {
            Unsafe.As<Action<int, string>>(GCHandle.FromIntPtr((nint)state).Target!)((int)severity, Marshal.PtrToStringUTF8((nint)message) ?? string.Empty);
        }
        catch (Exception)
        {
            // The caller is C++ and cannot take an exception; a log line is not worth the process.
        }
    }
}

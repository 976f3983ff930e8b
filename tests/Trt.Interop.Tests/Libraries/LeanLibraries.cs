using Xunit;

namespace Trt.Interop.Tests.Libraries;

/// <summary>NVIDIA's lean runtimes where TRT_LEAN_LIBRARY_DIR names them.</summary>
internal static class LeanLibraries
{
    private const string Variable = "TRT_LEAN_LIBRARY_DIR";

    /// <summary>Path of one of them; the test is skipped where it is not.</summary>
    public static string PathOf(int major)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        string path = Path.Combine(folder ?? string.Empty, $"libnvinfer_lean.so.{major}");
        Skip.IfNot(folder is { Length: > 0 } && File.Exists(path), $"The lean runtime of TensorRT {major} is not here: set {Variable} to the folder of libnvinfer_lean.so.{major}.");
        return path;
    }

    /// <summary>One of them.</summary>
    public static TensorRtLibrary Load(int major) => TensorRt.Load(PathOf(major));
}

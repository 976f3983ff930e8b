using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>NVIDIA's lean runtimes and the plans of TensorRT 8.6.0 beside them, where TRT_LEAN_LIBRARY_DIR names them.</summary>
internal static class LeanFiles
{
    private const string Variable = "TRT_LEAN_LIBRARY_DIR";

    /// <summary>A plan; the test is skipped where it is not.</summary>
    public static string Plan(string name) => Find(Path.Combine("plans", name + ".plan"));

    /// <summary>All plans.</summary>
    public static string[] Plans => Directory.GetFiles(Path.GetDirectoryName(Plan("lenet.vc"))!, "*.plan");

    /// <summary>The lean runtime of a major release; the test is skipped where it is not.</summary>
    public static string Library(int major) => Find($"libnvinfer_lean.so.{major}");

    private static string Find(string name)
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        string path = Path.Combine(folder ?? string.Empty, name);
        Skip.IfNot(folder is { Length: > 0 } && File.Exists(path), $"{name} is not here: set {Variable} to the folder of the lean runtimes.");
        return path;
    }
}

using System.Reflection;
using System.Runtime.InteropServices;

namespace Trt.Benchmarks;

/// <summary>native/call_benchmark: a library that answers like TensorRT 10.16, and C++ loops over the same functions.</summary>
internal static unsafe class NativeCounterparts
{
    private static readonly nint Module = NativeLibrary.Load(Path);

    public static delegate* unmanaged<long, long> NbLayers { get; } = (delegate* unmanaged<long, long>)NativeLibrary.GetExport(Module, "loop_nb_layers");

    public static delegate* unmanaged<long, long> StrideNd { get; } = (delegate* unmanaged<long, long>)NativeLibrary.GetExport(Module, "loop_stride_nd");

    public static delegate* unmanaged<long, long> SetTensorAddress { get; } = (delegate* unmanaged<long, long>)NativeLibrary.GetExport(Module, "loop_set_tensor_address");

    public static delegate* unmanaged<byte*, double> LoadAndCreate { get; } = (delegate* unmanaged<byte*, double>)NativeLibrary.GetExport(Module, "load_and_create");

    /// <summary>Where ./build.sh bench puts it.</summary>
    public static string Path
    {
        get
        {
            string root = typeof(NativeCounterparts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "RepoRoot").Value!;
            string name = OperatingSystem.IsWindows() ? "trt_call_benchmark.dll" : OperatingSystem.IsMacOS() ? "libtrt_call_benchmark.dylib" : "libtrt_call_benchmark.so";
            string path = System.IO.Path.Combine(root, "artifacts", "native", "bin", name);
            return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: build it with ./build.sh bench, or cmake -S . -B artifacts/native && cmake --build artifacts/native.");
        }
    }
}

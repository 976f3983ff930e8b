using System.Runtime.InteropServices;

namespace Trt.Interop.Tests.Abi;

/// <summary>The functions of native/abi_probe's library.</summary>
internal static unsafe class ProbeNative
{
    public const string HowToBuild = "The ABI probe is not built. Build native/abi_probe with CMake: cmake -S . -B .cache/native && cmake --build .cache/native; or name its library in TRT_ABI_PROBE.";

    private static readonly Lazy<nint> Library = new(() => Find() is { } path ? NativeLibrary.Load(path) : 0);

    public static bool IsThere => Library.Value != 0;

    public static void Begin(int round) => ((delegate* unmanaged<int, void>)Function("probe_begin"))(round);

    /// <summary>A new C++ object of a class, or null when the release lacks the class.</summary>
    public static void* Make(int release, int classId) => ((delegate* unmanaged<int, int, void*>)Function("probe_make"))(release, classId);

    /// <summary>Calls a method of an object, as C++ code of the release would.</summary>
    public static void Call(int release, int classId, int member, void* target) => ((delegate* unmanaged<int, int, int, void*, void>)Function("probe_call"))(release, classId, member, target);

    public static void Delete(int release, int classId, void* target) => ((delegate* unmanaged<int, int, void*, void>)Function("probe_delete"))(release, classId, target);

    /// <summary>How often an object at an address was deleted.</summary>
    public static int Deletions(void* target) => ((delegate* unmanaged<void*, int>)Function("probe_deletions"))(target);

    /// <summary>The object whose method noted a call, or null when none did.</summary>
    public static void* Self(int side, int member) => ((delegate* unmanaged<int, int, void*>)Function("probe_self"))(side, member);

    public static string Arguments(int side, int member) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, int, nint>)Function("probe_arguments"))(side, member))!;

    public static string Results(int side, int member) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, int, nint>)Function("probe_results"))(side, member))!;

    /// <summary>A line per structure: name, size, alignment, field:offset ….</summary>
    public static string[] Layouts(int release) => Marshal.PtrToStringUTF8(((delegate* unmanaged<int, nint>)Function("probe_layouts"))(release))!.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static nint Function(string name) => NativeLibrary.GetExport(Library.Value, name);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TRT_ABI_PROBE") is { Length: > 0 } named)
        {
            return named;
        }

        string file = OperatingSystem.IsWindows() ? "trt_abi_probe.dll" : OperatingSystem.IsMacOS() ? "libtrt_abi_probe.dylib" : "libtrt_abi_probe.so";
        return new[] { ".cache/native", ".cache/native/bin", "artifacts/native", "artifacts/native/bin" }
            .Select(place => Checkout.Path(place, file)).FirstOrDefault(File.Exists);
    }
}

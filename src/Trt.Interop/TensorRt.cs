using Trt.Interop.Loading;

namespace Trt.Interop;

/// <summary>Loads TensorRT: NVIDIA's library of any known release, or the registered CPU runtime.</summary>
/// <remarks>
/// Order: the path that is given; TRT_LIBRARY; the usual names in the usual places of the system (the system loader's, CUDA's folders, pip's
/// tensorrt_libs, tensorrt_lean_libs and tensorrt_rtx_libs); then the registered runtime provider. All members are thread-safe.
/// </remarks>
public static class TensorRt
{
    private static IRuntimeProvider? provider;
    private static ManagedLibrary? managed;

    /// <summary>Registers the runtime that is used where no native library is found, or when <see cref="Flavour.Cpu"/> is asked for.</summary>
    /// <param name="runtime">The provider; the last one registered counts.</param>
    public static void Register(IRuntimeProvider runtime)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        lock (NativeLoader.Gate)
        {
            if (!ReferenceEquals(provider, runtime))
            {
                provider = runtime;
                managed = new ManagedLibrary(runtime);
            }
        }
    }

    /// <summary>Loads a library, or gives the one that was loaded from the same file before.</summary>
    /// <param name="options">Which one; null: whatever is found first.</param>
    /// <exception cref="TensorRtNotFoundException">Nothing usable was found; the message lists what was tried and what to install.</exception>
    public static TensorRtLibrary Load(TensorRtOptions? options = null)
    {
        options ??= new TensorRtOptions();
        lock (NativeLoader.Gate)
        {
            if (options.Flavour == Flavour.Cpu)
            {
                return managed ?? throw new TensorRtNotFoundException("The CPU runtime", ["Trt.Cpu"], [], [], "Reference the package Trt.Cpu and call CpuRuntime.Register() first.");
            }

            return NativeLoader.Load(options, managed);
        }
    }

    /// <summary>Loads the library in a file or folder.</summary>
    /// <param name="path">A library's file, or a folder that holds it.</param>
    /// <exception cref="TensorRtNotFoundException">It is not there, or cannot be used; the message says why.</exception>
    public static TensorRtLibrary Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(new TensorRtOptions { LibraryPath = path });
    }
}

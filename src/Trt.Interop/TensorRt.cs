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
                return managed ?? throw NoProvider();
            }

            return NativeLoader.Load(options, managed);
        }
    }

    /// <summary>Tells where <see cref="Load(TensorRtOptions?)"/> would look and which files it would try, without loading any.</summary>
    /// <param name="options">Which library; null: whatever is found first.</param>
    public static LibrarySearch Search(TensorRtOptions? options = null) => NativeLoader.Search(options ?? new TensorRtOptions());

    /// <summary>Loads the library in a file or folder.</summary>
    /// <param name="path">A library's file, or a folder that holds it.</param>
    /// <exception cref="TensorRtNotFoundException">It is not there, or cannot be used; the message says why.</exception>
    public static TensorRtLibrary Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Load(new TensorRtOptions { LibraryPath = path });
    }

    /// <summary>Opens an ONNX file with ONNX Runtime on the host, through the registered runtime. External data is looked for in the file's folder.</summary>
    /// <param name="path">The model, of at most 2 GiB without its external data.</param>
    /// <param name="options">How to open it; null for the defaults.</param>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    /// <exception cref="OnnxRuntimeException">The model is damaged, or holds what ONNX Runtime does not know; the message holds its words.</exception>
    /// <exception cref="ArgumentException">External data is named outside of the folder.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IOnnxSession OpenOnnx(string path, OnnxSessionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        IRuntimeProvider runtime = Registered();
        options ??= new OnnxSessionOptions();
        string full = Path.GetFullPath(path);
        return runtime.OpenOnnx(File.ReadAllBytes(full), options.ExternalDataFolder is null ? options with { ExternalDataFolder = Path.GetDirectoryName(full) } : options);
    }

    /// <summary>Opens an ONNX model in memory with ONNX Runtime on the host, through the registered runtime.</summary>
    /// <param name="model">The serialized model, which is not needed afterwards.</param>
    /// <param name="options">How to open it; null for the defaults.</param>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    /// <exception cref="OnnxRuntimeException">The model is damaged, or holds what ONNX Runtime does not know; the message holds its words.</exception>
    /// <exception cref="ArgumentException">External data is named outside of <see cref="OnnxSessionOptions.ExternalDataFolder"/>, or without one.</exception>
    public static IOnnxSession OpenOnnx(ReadOnlySpan<byte> model, OnnxSessionOptions? options = null) => Registered().OpenOnnx(model, options ?? new OnnxSessionOptions());

    /// <summary>Writes a network of any library as an ONNX file, through the registered runtime. Large weights go into a file beside it.</summary>
    /// <param name="network">The network, which is only read; its outputs must be marked.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    /// <exception cref="TensorRtException">A layer cannot be shaped or written; the message names it.</exception>
    /// <exception cref="NotSupportedException">A layer is of a kind that the runtime does not have.</exception>
    public static void ExportOnnx(INetworkDefinition network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Registered().ExportOnnx(network, path);
    }

    private static IRuntimeProvider Registered()
    {
        lock (NativeLoader.Gate)
        {
            return provider ?? throw NoProvider();
        }
    }

    private static TensorRtNotFoundException NoProvider() => new("The CPU runtime", ["Trt.Cpu"], [], [], "Reference the package Trt.Cpu and call CpuRuntime.Register() first.");
}

using System.Collections.Concurrent;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>The kernels of native/kernels/plugins.cu on a GPU, loaded once for each.</summary>
internal sealed class PluginKernels
{
    private static readonly ConcurrentDictionary<Device, PluginKernels> Loaded = new();

    private PluginKernels(Device device)
    {
        using Stream stream = typeof(PluginKernels).Assembly.GetManifestResourceStream("plugins.ptx")!;
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        CudaModule module = CudaModule.Load(text, device); // kept as long as the process, for engines may be
        CountFloat = module.GetKernel("nonzero_count_float");
        CountHalf = module.GetKernel("nonzero_count_half");
        WriteFloat = module.GetKernel("nonzero_write_float");
        WriteHalf = module.GetKernel("nonzero_write_half");
        PadFour = module.GetKernel("circpad_4");
        PadTwo = module.GetKernel("circpad_2");
        HardmaxFloat = module.GetKernel("hardmax_float");
        HardmaxHalf = module.GetKernel("hardmax_half");
    }

    public CudaKernel CountFloat { get; }

    public CudaKernel CountHalf { get; }

    public CudaKernel WriteFloat { get; }

    public CudaKernel WriteHalf { get; }

    public CudaKernel PadFour { get; }

    public CudaKernel PadTwo { get; }

    public CudaKernel HardmaxFloat { get; }

    public CudaKernel HardmaxHalf { get; }

    public static PluginKernels Of(Device device) => Loaded.GetOrAdd(device, static key => new PluginKernels(key));
}

using System.Collections.Concurrent;
using System.Text;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The kernels of native/kernels on a device: PTX that is embedded here, loaded once for each device and kept as long as the process.</summary>
/// <remarks>Safe to use from any thread.</remarks>
internal sealed class GpuKernels
{
    private const CudaResult JitCompilerNotFound = (CudaResult)221;

    private static readonly ConcurrentDictionary<(Device Device, string File), Lazy<GpuKernels>> Loaded = new();
    private readonly ConcurrentDictionary<string, CudaKernel> kernels = new(StringComparer.Ordinal);
    private readonly CudaModule module;

    private GpuKernels(CudaModule module) => this.module = module;

    /// <summary>The kernels of one source on a device; the driver compiles them at the first call.</summary>
    /// <param name="device">A GPU.</param>
    /// <param name="file">The source's name without ending: image for native/kernels/image.cu.</param>
    /// <exception cref="NotSupportedException">The device is the host stand-in, its GPU is too old, or the driver does not take the code; the message says what to do.</exception>
    public static GpuKernels Of(Device device, string file)
    {
        Lazy<GpuKernels> entry = Loaded.GetOrAdd((device, file), static key => new Lazy<GpuKernels>(() => Load(key.Device, key.File)));
        try
        {
            return entry.Value;
        }
        catch
        {
            // A Lazy keeps its failure; memory that was short may be there next time.
            Loaded.TryRemove(new((device, file), entry));
            throw;
        }
    }

    /// <summary>A kernel by the name that it is declared with (<c>extern "C"</c>). Keep it: looking it up costs some tens of nanoseconds.</summary>
    /// <exception cref="CudaException">There is no such kernel.</exception>
    public CudaKernel this[string name] => kernels.TryGetValue(name, out CudaKernel? kernel) ? kernel : kernels.GetOrAdd(name, module.GetKernel(name));

    private static GpuKernels Load(Device device, string file)
    {
        if (device.IsHost)
        {
            throw new NotSupportedException($"The kernels of {file}.cu run on GPUs only, and {device} is the host stand-in. {Cause()}");
        }

        Version capability = device.Properties.ComputeCapability;
        if (capability < new Version(7, 5))
        {
            throw new NotSupportedException($"{device.Name} ({device}) has compute capability {capability}; the kernels of {file}.cu need 7.5 (Turing) or newer. Use Device.Host for the same work on the CPU.");
        }

        byte[] text = Text(file);
        try
        {
            return new GpuKernels(CudaModule.Load(text, device));
        }
        catch (CudaException error) when (error.Result is CudaResult.UnsupportedPtxVersion or CudaResult.NoBinaryForGpu or CudaResult.InvalidPtx or JitCompilerNotFound)
        {
            throw new NotSupportedException(
                $"The driver of {device.Name} ({device}), which supports CUDA {CudaDriver.Version}, does not take the kernels of {file}.cu ({Release(text)}). Install a newer driver, or use Device.Host for the same work on the CPU. {error.Message}", error);
        }
    }

    private static string Cause() => CudaDriver.IsAvailable(out string reason) ? "Give a device of Device.All." : reason;

    private static byte[] Text(string file)
    {
        using Stream stream = typeof(GpuKernels).Assembly.GetManifestResourceStream(file + ".ptx")
            ?? throw new ArgumentException($"There is no native/kernels/{file}.cu.", nameof(file));
        byte[] text = new byte[stream.Length];
        stream.ReadExactly(text);
        return text;
    }

    /// <summary>PTX's release, as it stands in the text.</summary>
    private static string Release(ReadOnlySpan<byte> text)
    {
        int at = text.IndexOf("\n.version "u8);
        ReadOnlySpan<byte> line = at < 0 ? [] : text[(at + ".version ".Length + 1)..];
        int end = line.IndexOf((byte)'\n');
        return $"PTX {Encoding.ASCII.GetString(end < 0 ? [] : line[..end]).Trim()}";
    }
}

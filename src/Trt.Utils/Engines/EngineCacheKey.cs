using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>What an engine is made from and for; two builds with equal keys may share one plan.</summary>
/// <remarks>
/// The GPU counts by product, compute capability, number of multiprocessors and memory, so that equal cards share plans, also on other machines. Neither
/// its UUID nor the driver counts: plans run with newer drivers. Who wants them apart anyway adds them to the options. Immutable, so thread-safe.
/// </remarks>
public sealed record EngineCacheKey
{
    private const string Form = "trt engine 1";

    private readonly Lazy<string> id;

    /// <summary>A key from its parts.</summary>
    /// <param name="model">Changes whenever the model does: a hash of an ONNX file with its external data, or of weights with the name of the model builder.</param>
    /// <param name="options">Everything else that the build depends on, in one fixed form, such as sorted JSON.</param>
    /// <param name="library">Product and full version of the library that builds.</param>
    /// <param name="gpu">The GPU that the engine is for.</param>
    public EngineCacheKey(string model, string options, string library, string gpu)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(library);
        ArgumentException.ThrowIfNullOrEmpty(gpu);
        (Model, Options, Library, Gpu) = (model, options, library, gpu);
        id = new Lazy<string>(Hash);
    }

    /// <summary>Stands for the model.</summary>
    public string Model { get; }

    /// <summary>Everything else that the build depends on.</summary>
    public string Options { get; }

    /// <summary>Product and version, such as <c>TensorRT 10.16.1.11</c>.</summary>
    public string Library { get; }

    /// <summary>The GPU, such as <c>NVIDIA H200, compute capability 9.0, 132 multiprocessors, 143771 MiB</c>.</summary>
    public string Gpu { get; }

    /// <summary>What people know the engine by, such as the model's path. Not a part of the key.</summary>
    public string? Name { get; init; }

    /// <summary>SHA-256 of the parts, as 64 lower-case hexadecimal digits; the name of the entry's files.</summary>
    public string Id => id.Value;

    /// <summary>A key for a library, and the GPU that it builds for.</summary>
    /// <param name="model">Changes whenever the model does: a hash of an ONNX file with its external data, or of weights with the name of the model builder.</param>
    /// <param name="options">Everything else that the build depends on, in one fixed form, such as sorted JSON.</param>
    /// <param name="library">The library that builds.</param>
    /// <param name="device">The GPU that it builds on; null: the calling thread's.</param>
    public static EngineCacheKey For(string model, string options, TensorRtLibrary library, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(library);
        return new EngineCacheKey(model, options, library.ToString(), GpuOf(library, device ?? Device.Current));
    }

    /// <summary>The GPU that a library builds for, in words.</summary>
    internal static string GpuOf(TensorRtLibrary library, Device device)
    {
        if (library.Flavour == Flavour.Cpu)
        {
            return "CPU";
        }

        if (device.IsHost)
        {
            return "none"; // TensorRT-RTX builds for the targets that the options name
        }

        DeviceProperties gpu = device.Properties;
        return string.Create(CultureInfo.InvariantCulture, $"{gpu.Name}, compute capability {gpu.ComputeCapability}, {gpu.MultiprocessorCount} multiprocessors, {gpu.TotalMemory >> 20} MiB");
    }

    /// <summary>Whether both stand for the same plan.</summary>
    /// <param name="other">Another key, or null.</param>
    public bool Equals(EngineCacheKey? other) => other is not null && Id == other.Id;

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name, or what stands for the model, with the library and the first digits of the key.</summary>
    public override string ToString() => $"{Name ?? Model} for {Library} ({Id[..12]})";

    private string Hash()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in new[] { Form, Model, Options, Library, Gpu })
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":")); // so that parts cannot flow into one another
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

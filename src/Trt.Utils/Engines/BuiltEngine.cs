using System.Security.Cryptography;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A plan in memory with the report of its build; to be saved, or made an engine.</summary>
/// <remarks>Members are safe to use from several threads until it is disposed. Engines made from it live on.</remarks>
public sealed class BuiltEngine : IDisposable
{
    private readonly TensorRtLibrary library;
    private readonly BuildLog log;
    private readonly IHostMemory plan;

    internal BuiltEngine(TensorRtLibrary library, BuildLog log, IHostMemory plan, string? kernelText, BuildReport report)
    {
        this.library = library;
        this.log = log;
        this.plan = plan;
        KernelText = kernelText;
        Report = report;
    }

    /// <summary>What made it, and what became of the options.</summary>
    public BuildReport Report { get; }

    /// <summary>The plan, owned by this object.</summary>
    public IHostMemory Plan => plan;

    /// <summary>Bytes of the plan.</summary>
    public long Length => (long)plan.Size;

    /// <summary>Text of the kernels, when <see cref="BuildOptions.KernelText"/> asked for it and the library gave any.</summary>
    public string? KernelText { get; }

    /// <summary>Makes an engine.</summary>
    /// <param name="options">How; null: as it is.</param>
    /// <returns>An engine, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The library refuses the plan; the message has its reason.</exception>
    public ICudaEngine Load(EngineLoadOptions? options = null) => EngineLoader.Load(library, log, options ?? new EngineLoadOptions(), plan.Data, Length);

    /// <summary>Writes the plan, and beside it <c>path.json</c> with the report. Both appear whole or not at all.</summary>
    /// <param name="path">The plan's file.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written; the message says what to do.</exception>
    public EngineFile Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using AtomicFile file = AtomicFile.Create(path);
        using (Stream source = plan.OpenRead())
        {
            Copy(source, file);
        }

        return EngineFile.Commit(file, Report);
    }

    /// <inheritdoc/>
    public void Dispose() => plan.Dispose();

    /// <summary>SHA-256 of memory, in hexadecimal digits.</summary>
    internal static unsafe string Sha256(nint address, long length)
    {
        using UnmanagedMemoryStream stream = new((byte*)address, length);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void Copy(Stream source, AtomicFile file)
    {
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            file.Write(buffer.AsSpan(0, read));
        }
    }
}

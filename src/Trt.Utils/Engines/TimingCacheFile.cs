using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A timing cache in a file that processes share: loaded into a build's settings, saved after the build together with what others measured meanwhile.</summary>
/// <remarks>
/// The file holds TensorRT's own bytes, which trtexec reads and writes too. A small JSON beside it, <c>FILE.json</c>, has the library, the GPU and the checksum: what is of
/// another library or GPU, or damaged, is not shown to the library at all. A file without that JSON is, and judges it itself. Nothing about the file is ever an error: it is
/// ignored with a warning, and kept as <c>FILE.old</c> when its place is needed. One build and one thread at a time; any number of objects for one file.
/// </remarks>
public sealed class TimingCacheFile : IDisposable
{
    private readonly TensorRtLibrary library;
    private readonly IBuilderConfig config;
    private readonly bool ignoreMismatch;
    private readonly Action<Severity, string>? log;
    private readonly string gpu;

    private TimingCacheFile(string path, IBuilderConfig config, TensorRtLibrary library, bool ignoreMismatch, Device? device, Action<Severity, string>? log)
    {
        Path = System.IO.Path.GetFullPath(path);
        gpu = EngineCacheKey.GpuOf(library, device ?? Device.Current);
        (this.config, this.library, this.ignoreMismatch, this.log) = (config, library, ignoreMismatch, log);
        byte[]? blob = Read(out string? problem);
        if (problem is not null)
        {
            blob = ReadAlone(ref problem);
        }

        if (problem is not null)
        {
            Warn($"{Path} is ignored: {problem}.");
        }

        Cache = config.CreateTimingCache(blob);
        try
        {
            config.SetTimingCache(Cache, ignoreMismatch);
            WasRead = blob is not null;
        }
        catch (TensorRtException error) when (blob is not null)
        {
            Warn($"{Path} is ignored: {library} refuses it ({error.Message.TrimEnd('.')}).");
            Cache.Dispose();
            Cache = config.CreateTimingCache([]);
            config.SetTimingCache(Cache, ignoreMismatch);
        }
    }

    /// <summary>The file, as a full path.</summary>
    public string Path { get; }

    /// <summary>The cache that the settings use.</summary>
    public ITimingCache Cache { get; }

    /// <summary>Whether there was a file and its bytes were given to the library, which logs what it thinks of them.</summary>
    public bool WasRead { get; }

    /// <summary>Loads a file into the settings of a build; where there is none that can be used, an empty cache.</summary>
    /// <param name="path">The file; one for each release and kind of GPU, or they take turns.</param>
    /// <param name="config">Settings, which use the cache from now on.</param>
    /// <param name="library">The library that builds.</param>
    /// <param name="ignoreMismatch">Whether times measured on another GPU are taken, at the risk of wrong or slow engines.</param>
    /// <param name="device">The GPU that it builds on; null: the calling thread's.</param>
    /// <param name="log">Told of what is ignored and why.</param>
    /// <returns>The cache; call <see cref="Save"/> after the build, and dispose it after the builder.</returns>
    /// <exception cref="TensorRtException">The library makes no timing cache at all.</exception>
    public static TimingCacheFile Load(string path, IBuilderConfig config, TensorRtLibrary library, bool ignoreMismatch = false, Device? device = null, Action<Severity, string>? log = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(library);
        return new TimingCacheFile(path, config, library, ignoreMismatch, device, log);
    }

    /// <summary>What is known of a file without a library: the bytes are the builder's own, but they begin in a certain way, and a description lies beside them.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Null when it is no timing cache, as far as one can tell.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TimingCacheInfo? Describe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TimingCacheDescription? description = TimingCacheDescription.TryRead(path + ".json");
        byte[] start = new byte[8];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        bool cpu = start.AsSpan().StartsWith("TRTCPUTC"u8);
        if (description is null && !cpu && !start.AsSpan().StartsWith("ptrt"u8))
        {
            return null;
        }

        file.Position = 0;
        string? problem = description is null ? "no description lies beside it"
            : !description.Sha256.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(file)), StringComparer.Ordinal) ? $"it is damaged, or another program has changed it since {path}.json was written"
            : null;
        return new TimingCacheInfo(description?.Library ?? (cpu ? "the CPU runtime" : "TensorRT"), description?.Gpu, problem);
    }

    /// <summary>Writes the cache to the file, with what other processes have saved there meanwhile. A value that both have stays this one's.</summary>
    /// <param name="cancellation">Ends the waiting for other processes that save.</param>
    /// <returns>False when it cannot be written; the log has the reason. A build has succeeded all the same.</returns>
    /// <exception cref="OperationCanceledException">It was asked for while waiting.</exception>
    public bool Save(CancellationToken cancellation = default)
    {
        try
        {
            using FileLock alone = FileLock.Acquire(Path + ".lock", cancellation);
            AtomicFile.Sweep(Path, alone.Protects ? TimeSpan.Zero : AtomicFile.LeftoverAge);
            byte[]? theirs = Read(out string? problem);
            if (theirs is not null)
            {
                problem = Merge(theirs);
            }
            else if (problem is not null && NeedsDriver)
            {
                Warn($"{Path} stays as it is: {problem}.");
                return false;
            }

            if (problem is not null && File.Exists(Path))
            {
                File.Move(Path, Path + ".old", overwrite: true);
                Warn($"{Path} was not usable ({problem}) and is now {Path}.old.");
            }

            byte[] bytes;
            using (IHostMemory memory = Cache.Serialize())
            {
                bytes = memory.AsSpan().ToArray();
            }

            // With both checksums in it, the description fits whichever of the two files a killed process leaves.
            string checksum = TimingCacheDescription.ChecksumOf(bytes);
            string? before = File.Exists(Path) ? TimingCacheDescription.ChecksumOf(File.ReadAllBytes(Path)) : null;
            new TimingCacheDescription { Library = library.ToString(), Gpu = gpu, Sha256 = before is null ? [checksum] : [checksum, before] }.Write(DescriptionPath);
            AtomicFile.Write(Path, bytes);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or TensorRtException)
        {
            Warn($"It was not saved: {error.Message}");
            return false;
        }
    }

    /// <summary>Frees the cache. Do so after the builder is gone, since it may still use it.</summary>
    public void Dispose() => Cache.Dispose();

    private string DescriptionPath => Path + ".json";

    /// <summary>Whether the library cannot read caches here: TensorRT-RTX asks the driver for it and makes an empty cache without one.</summary>
    private bool NeedsDriver => library.Flavour == Flavour.TensorRTRtx && !CudaDriver.IsAvailable(out _);

    /// <summary>The file's bytes when the library may see them.</summary>
    /// <param name="problem">Why not, as a part of a sentence; null when there is no file.</param>
    private byte[]? Read(out string? problem)
    {
        const long most = 1 << 30;
        problem = null;
        byte[] bytes;
        try
        {
            FileInfo file = new(Path);
            if (!file.Exists || file.Length == 0)
            {
                return null;
            }

            if (file.Length > most)
            {
                problem = $"it has {file.Length} bytes, more than any timing cache";
                return null;
            }

            bytes = File.ReadAllBytes(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"it cannot be read ({error.Message.TrimEnd('.')})";
            return null;
        }

        bool cpu = bytes.AsSpan().StartsWith("TRTCPUTC"u8);
        TimingCacheDescription? description = TimingCacheDescription.TryRead(DescriptionPath);
        problem = cpu != (library.Flavour == Flavour.Cpu) && (cpu || bytes.AsSpan().StartsWith("ptrt"u8)) ? $"it is {(cpu ? "the CPU runtime's" : "NVIDIA's")}, and {library} builds"
            : library.Flavour == Flavour.Cpu && !cpu ? $"it does not begin like a timing cache of {library}"
            : description is null ? null
            : !description.Sha256.Contains(TimingCacheDescription.ChecksumOf(bytes), StringComparer.Ordinal) ? $"it is damaged, or another program has changed it (remove {DescriptionPath} to use it all the same)"
            : description.Library != library.ToString() ? $"it is {description.Library}'s, and {library} builds"
            : description.Gpu != gpu && !ignoreMismatch ? $"its times are of {description.Gpu}, and the build is for {gpu}"
            : null;
        problem ??= NeedsDriver ? $"{library} reads timing caches only where there is a GPU" : null;
        return problem is null ? bytes : null;
    }

    /// <summary>Reads once more while nobody saves: file and description may have been of two savings.</summary>
    private byte[]? ReadAlone(ref string? problem)
    {
        try
        {
            using FileLock? alone = File.Exists(Path + ".lock") ? FileLock.Acquire(Path + ".lock") : null;
            return alone is null ? null : Read(out problem);
        }
        catch (IOException)
        {
            return null; // nobody can save here
        }
    }

    /// <summary>Adds what others have saved.</summary>
    /// <returns>Why it cannot be added; null when it was.</returns>
    private string? Merge(byte[] theirs)
    {
        try
        {
            using ITimingCache other = config.CreateTimingCache(theirs);
            Cache.Combine(other, ignoreMismatch);
            return null;
        }
        catch (TensorRtException error)
        {
            return error.Message.TrimEnd('.');
        }
    }

    private void Warn(string text) => log?.Invoke(Severity.Warning, "Timing cache: " + text);
}

namespace Trt.Utils;

/// <summary>A lock that processes of this machine share by the name of a file. The system frees it when its process ends, however it ends.</summary>
/// <remarks>
/// The file is empty and stays: deleting it while others wait would let two of them in. The lock is also exclusive between threads of one
/// process, and not reentrant. Who waits looks again after 1 ms, then at growing intervals up to <see cref="LongestPause"/>.
/// </remarks>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream file;

    private FileLock(string path, FileStream file, bool protects)
    {
        Path = path;
        this.file = file;
        Protects = protects;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>False where the file system knows no locks, or DOTNET_SYSTEM_IO_DISABLEFILELOCKING turned them off: the lock is had, but others may have it too.</summary>
    public bool Protects { get; }

    /// <summary>Takes the lock when it is free.</summary>
    /// <param name="path">The file; it and its folder are made when they are not there.</param>
    /// <returns>The lock, to be disposed to free it; null when somebody has it.</returns>
    /// <exception cref="IOException">The file cannot be made; the message names it and says what to do.</exception>
    public static FileLock? TryAcquire(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            FileStream? file = Open(path);
            return file is null ? null : new FileLock(path, file, IsExclusive(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Unwritable(path, error);
        }
    }

    /// <summary>Takes the lock, waiting for it on this thread.</summary>
    /// <param name="path">The file; it and its folder are made when they are not there.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <param name="waiting">Called once when somebody else has it, before waiting.</param>
    /// <exception cref="IOException">The file cannot be made; the message names it and says what to do.</exception>
    /// <exception cref="OperationCanceledException">It was asked for while waiting.</exception>
    public static FileLock Acquire(string path, CancellationToken cancellation = default, Action? waiting = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken)
            {
                return taken;
            }

            if (attempt == 0)
            {
                waiting?.Invoke();
            }

            cancellation.WaitHandle.WaitOne(Pause(attempt));
        }
    }

    /// <summary>Takes the lock, waiting for it without a thread.</summary>
    /// <inheritdoc cref="Acquire"/>
    public static async ValueTask<FileLock> AcquireAsync(string path, CancellationToken cancellation = default, Action? waiting = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } taken)
            {
                return taken;
            }

            if (attempt == 0)
            {
                waiting?.Invoke();
            }

            await Task.Delay(Pause(attempt), cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => file.Dispose();

    private static FileStream? Open(string path)
    {
        try
        {
            // .NET refuses a second opening of such a file by the sharing rules of Windows and by flock elsewhere; both end with the process.
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (FileErrors.IsInUse(error))
        {
            return null;
        }
    }

    /// <summary>Whether a second opening is refused, as it must be while the lock is had.</summary>
    private static bool IsExclusive(string path)
    {
        using FileStream? second = Open(path);
        return second is null;
    }

    private static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(Math.Min(1 << Math.Min(attempt, 6), (int)LongestPause.TotalMilliseconds));
}

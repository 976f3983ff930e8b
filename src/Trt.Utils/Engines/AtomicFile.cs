using System.Security.Cryptography;

namespace Trt.Utils;

/// <summary>A file that appears under its name only when all of it was written; until then it is a temporary file in the same folder.</summary>
/// <remarks>
/// <see cref="Commit"/> flushes to the disk and renames, which file systems do as one step: others see the old file or the new one. Disposing without
/// it leaves the old file as it was. What a process leaves behind that was killed while writing goes when the same file is written again. Not thread-safe.
/// </remarks>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>How long nobody must have written to a leftover before it goes; a writer that lives also holds a lock on it.</summary>
    public static readonly TimeSpan LeftoverAge = TimeSpan.FromMinutes(1);

    private const int BufferBytes = 1 << 16;
    private readonly string temporary;
    private bool committed;

    private AtomicFile(string path, string temporary, FileStream stream)
    {
        Path = path;
        this.temporary = temporary;
        Stream = stream;
    }

    /// <summary>The name that the file gets.</summary>
    public string Path { get; }

    /// <summary>What has been written so far, readable too. Its own exceptions are the system's; those of <see cref="Write(ReadOnlySpan{byte})"/> name the file and say what to do.</summary>
    public FileStream Stream { get; }

    /// <summary>Begins a file. Its folder is made when it is not there.</summary>
    /// <param name="path">The name that it gets; a file of that name stays until <see cref="Commit"/>.</param>
    /// <exception cref="IOException">It cannot be written there; the message names the file and says what to do.</exception>
    public static AtomicFile Create(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            Sweep(path, LeftoverAge);
            while (true)
            {
                string temporary = $"{path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
                try
                {
                    // Shared for deletion, so that Windows renames it while it is open; the lock on it tells others that its writer lives.
                    return new AtomicFile(path, temporary, new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, BufferBytes));
                }
                catch (IOException error) when (FileErrors.IsInUse(error))
                {
                    // Somebody swept the moment it was made; take another name.
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Unwritable(path, error);
        }
    }

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="IOException">It cannot be written; the message names the file and says what to do.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using AtomicFile file = Create(path);
        file.Write(content);
        file.Commit();
    }

    /// <summary>Removes what killed processes left of a file.</summary>
    /// <param name="path">The file's final name.</param>
    /// <param name="age">How long nobody must have written to it; zero when a <see cref="FileLock"/> makes sure that nobody is about to.</param>
    public static void Sweep(string path, TimeSpan age)
    {
        string folder = System.IO.Path.GetDirectoryName(path)!;
        foreach (string leftover in Directory.EnumerateFiles(folder, System.IO.Path.GetFileName(path) + ".*.tmp"))
        {
            try
            {
                if (age > TimeSpan.Zero && DateTime.UtcNow - File.GetLastWriteTimeUtc(leftover) < age)
                {
                    continue;
                }

                using FileStream alone = new(leftover, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
                if (!OperatingSystem.IsWindows())
                {
                    File.Delete(leftover);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Its writer lives, or it is not ours to remove; it harms nobody.
            }
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="IOException">They cannot be written; the message names the file and says what to do.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Stream.Write(bytes);
        }
        catch (Exception error) when (FileErrors.IsRefusal(error))
        {
            throw FileErrors.Unwritable(Path, error);
        }
    }

    /// <summary>Puts the file in its place, in the stead of the one that was there.</summary>
    /// <exception cref="IOException">It cannot be; the old file is as it was, and the message names the file and says what to do.</exception>
    public void Commit()
    {
        try
        {
            Stream.Flush(flushToDisk: true);
            File.Move(temporary, Path, overwrite: true);
            committed = true;
        }
        catch (Exception error) when (FileErrors.IsRefusal(error))
        {
            throw FileErrors.Unwritable(Path, error);
        }
    }

    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        catch (Exception error) when (!committed && FileErrors.IsRefusal(error))
        {
            // What was still buffered goes with the file.
        }

        if (!committed)
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The next writer of the same file removes it.
            }
        }
    }
}

namespace Trt.Utils;

/// <summary>What the system's errors about files mean, in sentences.</summary>
internal static class FileErrors
{
    private const int WindowsPrefix = unchecked((int)0x80070000);

    /// <summary>Whether an exception says that somebody else holds the file.</summary>
    public static bool IsInUse(IOException error) => OperatingSystem.IsWindows()
        ? error.HResult is (WindowsPrefix | 32) or (WindowsPrefix | 33) // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
        : error.HResult is 11 or 35; // EWOULDBLOCK of Linux and of macOS; .NET passes errno on

    /// <summary>Whether the disk, or the user's part of it, is full.</summary>
    public static bool IsFull(Exception error) => error is ArgumentOutOfRangeException || (OperatingSystem.IsWindows()
        ? error.HResult is (WindowsPrefix | 112) or (WindowsPrefix | 39) // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        : error.HResult is 28 or 122 or 69); // ENOSPC, EDQUOT of Linux and of macOS

    /// <summary>Whether an exception is the system's refusal to write. .NET turns EFBIG, which a limit on the size of files gives, into an exception about arguments.</summary>
    public static bool IsRefusal(Exception error) => error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The exception for a file that cannot be written.</summary>
    public static IOException Unwritable(string path, Exception error)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } name ? name : path;
        string reason = IsFull(error) ? $"there is no space left for it. Free some in {folder}, raise the quota or limit of file sizes, or choose a folder on another disk"
            : error is UnauthorizedAccessException || IsReadOnly(error) ? $"the folder or file is read-only or belongs to somebody else. Allow writing in {folder}, or choose another folder"
            : error is DirectoryNotFoundException ? $"there is no folder {folder} and it cannot be made. Choose another one"
            : error is PathTooLongException ? "the path is too long for this system. Choose a shorter one"
            : error.Message.TrimEnd('.');
        return new IOException($"{path} cannot be written: {reason}.", error) { HResult = error.HResult };
    }

    private static bool IsReadOnly(Exception error) => OperatingSystem.IsWindows()
        ? error.HResult == (WindowsPrefix | 19) // ERROR_WRITE_PROTECT
        : error.HResult is 30 or 13 or 1; // EROFS, EACCES, EPERM
}

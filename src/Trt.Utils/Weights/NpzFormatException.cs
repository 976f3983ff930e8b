namespace Trt.Utils;

/// <summary>A file is not a NumPy archive or array that can be read: damaged, cut off, or of a kind that is not supported.</summary>
/// <remarks>The message is a sentence that begins with the file's path.</remarks>
public sealed class NpzFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file, as it was given to <see cref="NpzFile.Open"/>.</param>
    /// <param name="problem">What is wrong, as a sentence without the path.</param>
    /// <param name="inner">The error below this one; may be null.</param>
    public NpzFormatException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner) => Path = path;

    /// <summary>The file, as it was given to <see cref="NpzFile.Open"/>.</summary>
    public string Path { get; }
}

namespace Trt.Utils;

/// <summary>A file is not a picture that can be read: damaged, cut off, or of a kind that is not supported.</summary>
/// <remarks>The message is a sentence that begins with the file's path.</remarks>
public sealed class ImageFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file, or what else names the picture.</param>
    /// <param name="problem">What is wrong, as a sentence without the path.</param>
    public ImageFormatException(string path, string problem)
        : base($"{path}: {problem}") => Path = path;

    /// <summary>The file, or what else names the picture.</summary>
    public string Path { get; }
}

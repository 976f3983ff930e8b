namespace Trt.Utils;

/// <summary>A file is no weight file that can be read: damaged, cut off, of an unsupported kind, or one that wants to run code.</summary>
/// <remarks>The message is a sentence that begins with the file's path. Nothing of the file has been executed when this is thrown.</remarks>
public sealed class TorchFormatException : FormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file: the one that was given to <see cref="TorchStateDict.Open"/>, or one that it names.</param>
    /// <param name="problem">What is wrong, as a sentence without the path.</param>
    /// <param name="global">The Python global that the file wanted to call, such as <c>posix.system</c>; null where that was not the reason.</param>
    /// <param name="inner">The error below this one; may be null.</param>
    public TorchFormatException(string path, string problem, string? global = null, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
        Path = path;
        Global = global;
    }

    /// <summary>The file: the one that was given to <see cref="TorchStateDict.Open"/>, or one that it names.</summary>
    public string Path { get; }

    /// <summary>The Python global that the file wanted to call, such as <c>posix.system</c>; null where that was not the reason.</summary>
    public string? Global { get; }
}

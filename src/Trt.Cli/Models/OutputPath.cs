namespace Trt.Cli;

/// <summary>Files that a command is to write: whether it can is asked before the work, not after it.</summary>
internal static class OutputPath
{
    /// <summary>Makes sure that a file can be written.</summary>
    /// <param name="path">The file; its folder is made where it is missing.</param>
    /// <param name="option">The option's name, for errors.</param>
    /// <exception cref="UserError">It cannot.</exception>
    public static void Check(string path, string option)
    {
        if (Directory.Exists(path))
        {
            throw new UserError($"{option} {path} is a folder: name a file.");
        }

        CheckFolder(Path.GetDirectoryName(Path.GetFullPath(path))!, $"{option} {path}");
    }

    /// <summary>Makes a folder, and makes sure that files can be written in it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What is to be written, for errors.</param>
    /// <exception cref="UserError">It cannot.</exception>
    public static void CheckFolder(string folder, string what)
    {
        try
        {
            Directory.CreateDirectory(folder);
            using FileStream probe = new(Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{what} cannot be written: {error.Message}");
        }
    }
}

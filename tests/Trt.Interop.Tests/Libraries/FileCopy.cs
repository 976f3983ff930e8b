using System.Diagnostics;

namespace Trt.Interop.Tests.Libraries;

/// <summary>Another name for a large file, which the loader takes for another library; it stays loaded when the file is gone.</summary>
internal sealed class FileCopy : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-copy-").FullName;

    /// <summary>Links or copies a file, under its own name, into a new folder.</summary>
    public FileCopy(string path)
    {
        Path = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(path));
        string source = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        ProcessStartInfo link = new("cp", ["-l", source, Path]) { RedirectStandardError = true };
        using Process process = Process.Start(link)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            File.Copy(source, Path);
        }
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

using System.Diagnostics;

namespace Trt.Interop.Tests.Libraries;

/// <summary>Another name for a large file: the loader takes it for another library.</summary>
internal static class FileCopies
{
    /// <summary>Links or copies a file, under its own name, into a new folder that goes with the process.</summary>
    public static string Make(string path)
    {
        string folder = Directory.CreateTempSubdirectory("trt-copy-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string copy = Path.Combine(folder, Path.GetFileName(path));
        string source = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        ProcessStartInfo link = new("cp", ["-l", source, copy]) { RedirectStandardError = true };
        using Process process = Process.Start(link)!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            File.Copy(source, copy);
        }

        return copy;
    }
}

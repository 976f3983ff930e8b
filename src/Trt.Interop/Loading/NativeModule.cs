using System.Runtime.InteropServices;

namespace Trt.Interop.Loading;

/// <summary>A loaded shared library.</summary>
internal sealed class NativeModule
{
    private readonly nint handle;

    private NativeModule(nint handle, string path)
    {
        this.handle = handle;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Loads a file.</summary>
    /// <returns>The module, or null with the system loader's reason.</returns>
    public static NativeModule? TryLoad(string path, out string reason)
    {
        if (OperatingSystem.IsLinux() && ElfHead.Refusal(path) is { } refusal)
        {
            reason = refusal;
            return null;
        }

        try
        {
            reason = string.Empty;
            return new NativeModule(NativeLibrary.Load(path), path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            reason = Reason(exception.Message);
            return null;
        }
    }

    public unsafe void* Export(string name) => (void*)(NativeLibrary.TryGetExport(handle, name, out nint address) ? address : 0);

    /// <summary>What the system loader said, without the paragraphs of general advice around it.</summary>
    private static string Reason(string message)
    {
        string[] lines = [.. message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        string? cause = lines.FirstOrDefault(line => line.Contains("cannot open shared object", StringComparison.Ordinal) || line.Contains("ELF", StringComparison.Ordinal) || line.Contains("undefined symbol", StringComparison.Ordinal) || line.Contains("file too short", StringComparison.Ordinal));
        return cause ?? lines.LastOrDefault() ?? message;
    }
}

using System.Globalization;

namespace Trt.Interop.Loading;

/// <summary>What is known of a lean runtime's file before another library is asked to load it.</summary>
internal static class LeanRuntimeFile
{
    private const string Stem = "libnvinfer_lean.so.";

    /// <summary>Refuses a file that was seen to end the process instead of being refused by the library.</summary>
    /// <exception cref="TensorRtException">The library's major release ends the process with that runtime.</exception>
    public static void Check(TensorRtLibrary library, string path)
    {
        // 11.4 crashes inside loadRuntime with 8.6.0's lean runtime; it reads plans of 10.0 and later only, so nothing is lost.
        if (library.Version.Major >= 11 && library.Flavour != Flavour.TensorRTRtx && MajorOf(path) is < 10 and int major)
        {
            throw new TensorRtException($"{library} cannot load {path}: it runs plans of TensorRT 10.0 and later only, and this is the lean runtime of TensorRT {major}. Load that file itself with TensorRt.Load, or build the model again.");
        }
    }

    /// <summary>The major release in the name of the file, or of the file that it links to; null where there is none.</summary>
    internal static int? MajorOf(string path)
    {
        string real = path;
        try
        {
            real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            // Nothing to follow: the library itself says so.
        }

        string name = Path.GetFileName(real);
        return name.StartsWith(Stem, StringComparison.Ordinal) && int.TryParse(name[Stem.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : null;
    }
}

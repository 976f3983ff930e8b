using System.IO.Compression;
using System.Reflection;
using System.Text.Json;

namespace Trt.Tests.Goldens;

/// <summary>Finds and opens the files of tests/goldens in the checkout that this assembly was built from.</summary>
public static class GoldenFiles
{
    /// <summary>The checkout's root.</summary>
    public static string Root { get; } = typeof(GoldenFiles).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "RepoRoot").Value!.TrimEnd('/', '\\');

    /// <summary>Full path of a golden.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Root, "tests", "goldens", name);

    /// <summary>Reads a JSON golden, packed or not.</summary>
    public static JsonElement ReadJson(string name)
    {
        using FileStream file = File.OpenRead(Path(name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }
}

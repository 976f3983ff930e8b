using System.IO.Compression;
using System.Text.Json;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>Finds and reads tests/goldens and models of the repository.</summary>
internal static class GoldenFiles
{
    public static string Root => Repository.Root;

    public static IReadOnlyDictionary<string, JsonElement> Cases { get; } = Read("layers.json", "cases");

    public static IReadOnlyDictionary<string, JsonElement> TensorRt86 { get; } = Read("layers_trt-8.6.0_h200.json.gz", "results");

    public static IReadOnlyDictionary<string, JsonElement> Rtx { get; } = Read("layers_rtx-1.6.1_nogpu.json.gz", "results");

    public static string Model(string name) => Path.Combine(Root, "models", name);

    private static Dictionary<string, JsonElement> Read(string name, string list)
    {
        using Stream file = File.OpenRead(Path.Combine(Root, "tests", "goldens", name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        return JsonDocument.Parse(stream).RootElement.GetProperty(list).EnumerateArray().ToDictionary(entry => entry.GetProperty("id").GetString()!);
    }
}

using System.IO.Compression;
using System.Text.Json;

namespace Trt.Tests.Goldens;

/// <summary>Finds and reads the files of tests/goldens.</summary>
internal static class GoldenFiles
{
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> Layers = new(() => ById("layers.json", "cases"));
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> FullResults = new(() => ById("layers_trt-8.6.0_h200.json.gz", "results"));
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> RtxResults = new(() => ById("layers_rtx-1.6.1_nogpu.json.gz", "results"));

    /// <summary>Small networks as C++ calls, by name, in the file's order.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Cases => Layers.Value;

    /// <summary>What TensorRT 8.6.0 answered to each case, with values.</summary>
    public static IReadOnlyDictionary<string, JsonElement> TensorRt86 => FullResults.Value;

    /// <summary>What TensorRT-RTX 1.6.1 answered to each case on a machine without a GPU: no values.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Rtx => RtxResults.Value;

    /// <summary>Full path of a golden.</summary>
    public static string Path(string name) => Checkout.Path("tests", "goldens", name);

    /// <summary>Reads a JSON golden, packed or not.</summary>
    public static JsonElement ReadJson(string name)
    {
        using FileStream file = File.OpenRead(Path(name));
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.Clone();
    }

    private static OrderedDictionary<string, JsonElement> ById(string name, string list) =>
        new(ReadJson(name).GetProperty(list).EnumerateArray().Select(entry => KeyValuePair.Create(entry.GetProperty("id").GetString()!, entry)));
}

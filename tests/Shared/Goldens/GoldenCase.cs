using System.Text.Json;

namespace Trt.Tests.Goldens;

/// <summary>One small network of layers.json: inputs, weights, calls, outputs, profiles and runs.</summary>
public sealed class GoldenCase(JsonElement json)
{
    private static readonly Lazy<GoldenCase[]> Cases = new(() =>
        [.. GoldenFiles.ReadJson("layers.json").GetProperty("cases").EnumerateArray().Select(one => new GoldenCase(one))]);

    /// <summary>Every case, in the file's order.</summary>
    public static IReadOnlyList<GoldenCase> All => Cases.Value;

    /// <summary>The case as it stands in the file.</summary>
    public JsonElement Json => json;

    /// <summary>Its name.</summary>
    public string Id => json.GetProperty("id").GetString()!;

    /// <summary>Its family.</summary>
    public string Category => json.GetProperty("category").GetString()!;

    /// <summary>Whether it wants a strongly typed network.</summary>
    public bool Typed => json.GetProperty("typed").GetBoolean();

    /// <summary>Builder flags by their C++ names.</summary>
    public IEnumerable<string> Flags => json.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!);

    /// <summary>Names of the results that become outputs, in order.</summary>
    public IEnumerable<string> Outputs => json.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()!);

    /// <summary>The case of a name.</summary>
    public static GoldenCase Find(string id) => All.First(one => one.Id == id);

    public override string ToString() => Id;
}

using System.Security.Cryptography;
using System.Text.Json;

namespace Trt.Utils;

/// <summary>The file beside a timing cache: whose it is, and which bytes it may have.</summary>
internal sealed record TimingCacheDescription
{
    public required string Library { get; init; }

    public required string Gpu { get; init; }

    /// <summary>Checksums of the file and of the one before it, so that the description may be written first.</summary>
    public required IReadOnlyList<string> Sha256 { get; init; }

    public static string ChecksumOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Reads a description; null when there is none, or none that can be read.</summary>
    public static TimingCacheDescription? TryRead(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return file.Length > 1 << 16 ? null : JsonSerializer.Deserialize(file, EngineCacheJson.Default.TimingCacheDescription);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, EngineCacheJson.Default.TimingCacheDescription));
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A file of scales in NVIDIA's text format, and beside it (<c>.json</c>) what they are of, so that those of another model or other data are not used.</summary>
internal sealed class CalibrationCacheFile
{
    private readonly string path;
    private readonly JsonObject key;

    private CalibrationCacheFile(string path, JsonObject key)
    {
        this.path = path;
        this.key = key;
    }

    /// <summary>The scales of the file; null where there is none of this model and data.</summary>
    public byte[]? Content { get; private set; }

    private string KeyPath => path + ".json";

    /// <summary>Reads the file where it belongs to this model and data, and says why where it does not.</summary>
    /// <param name="path">The cache file.</param>
    /// <param name="model">Fingerprint of the network.</param>
    /// <param name="data">Fingerprint of the calibration data and its batches.</param>
    /// <param name="algorithm">The calibrator's algorithm.</param>
    /// <param name="acceptsForeign">Whether a file without a key beside it is used.</param>
    /// <param name="log">Told what was decided.</param>
    public static CalibrationCacheFile Open(string path, string model, string data, CalibrationAlgoType algorithm, bool acceptsForeign, Action<Severity, string> log)
    {
        path = Path.GetFullPath(path);
        CalibrationCacheFile file = new(path, new JsonObject { ["model"] = model, ["data"] = data, ["algorithm"] = CalibrationCache.Name(algorithm) });
        if (!File.Exists(path))
        {
            return file;
        }

        try
        {
            byte[] content = File.ReadAllBytes(path);
            if (file.WhyNot(content, algorithm, acceptsForeign) is { } reason)
            {
                log(Severity.Warning, $"The calibration cache {path} is not used: {reason}. It is written anew.");
                return file;
            }

            log(Severity.Info, $"Scales come from the calibration cache {path}.");
            file.Content = content;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log(Severity.Warning, $"The calibration cache {path} cannot be read and is not used: {error.Message}");
        }

        return file;
    }

    /// <summary>Replaces file and key. A failure is only logged: the engine does not need them.</summary>
    public void Write(byte[] content, Action<Severity, string> log)
    {
        try
        {
            JsonObject written = (JsonObject)key.DeepClone();
            written["cache"] = Hash(content);

            // Key first: a cache whose key names another content is not used, whatever comes in between.
            AtomicFile.Write(KeyPath, System.Text.Encoding.UTF8.GetBytes(written.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n"));
            AtomicFile.Write(path, content);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log(Severity.Warning, $"The calibration cache cannot be kept, so the next build calibrates again: {error.Message}");
        }
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Why the file is not of this model and data; null where it is.</summary>
    private string? WhyNot(byte[] content, CalibrationAlgoType algorithm, bool acceptsForeign)
    {
        CalibrationCache cache;
        try
        {
            cache = CalibrationCache.Read(content);
        }
        catch (FormatException error)
        {
            return error.Message;
        }

        if (cache.Algorithm != algorithm)
        {
            return $"it was written by {CalibrationCache.Name(cache.Algorithm)}, not {CalibrationCache.Name(algorithm)}";
        }

        if (!File.Exists(KeyPath))
        {
            return acceptsForeign ? null
                : $"there is no {Path.GetFileName(KeyPath)} beside it that says of which model and data it is. Set {nameof(Int8Calibration.AcceptForeignCache)} if you know that it is right";
        }

        JsonObject? known = null;
        try
        {
            known = JsonNode.Parse(File.ReadAllBytes(KeyPath)) as JsonObject;
        }
        catch (JsonException)
        {
            // As if it held nothing.
        }

        return known is null ? $"{Path.GetFileName(KeyPath)} beside it is damaged"
            : Text(known, "cache") != Hash(content) ? $"it is not the file that {Path.GetFileName(KeyPath)} beside it was written for"
            : Text(known, "model") != Text(key, "model") ? "it is of another model"
            : Text(known, "data") != Text(key, "data") ? "it was made with other data"
            : null;
    }

    private static string? Text(JsonObject key, string name) => key[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}

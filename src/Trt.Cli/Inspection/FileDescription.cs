using System.Text;
using Trt.Interop;
using Trt.Lite;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Describes files of any kind, told from their content.</summary>
internal static class FileDescription
{
    private const int MostCalibrationBytes = 64 << 20;

    /// <summary>Describes a file, or a folder of cached engines. Nothing is read but what is shown.</summary>
    /// <param name="session">Loads the library where layers of a plan are asked for.</param>
    /// <param name="path">The file.</param>
    /// <param name="parts">What beyond the usual.</param>
    /// <param name="owned">Gets what has to stay open while the description is used.</param>
    /// <exception cref="UserError">There is nothing there, or it is of no kind that is known.</exception>
    public static Description Of(Session session, string path, Parts parts, ICollection<IDisposable> owned)
    {
        if (Directory.Exists(path))
        {
            return Cache(path);
        }

        if (!File.Exists(path))
        {
            throw new UserError($"There is no file {path}.");
        }

        if (Calibration(path) is { } calibration)
        {
            return calibration;
        }

        if (TimingCache(path) is { } timing)
        {
            return timing;
        }

        switch (ModelLoading.Kind(path))
        {
            case Framework.Plan:
                return PlanDescription.Of(session, PlanHead.Read(path), path, parts);
            case Framework.Onnx:
                return OnnxDescription.Of(path, parts, owned);
            default:
                TorchStateDict weights = Open(path);
                owned.Add(weights);
                return WeightsDescription.Of(weights, string.Empty);
        }
    }

    private static TorchStateDict Open(string path)
    {
        try
        {
            return TorchStateDict.Open(path);
        }
        catch (TorchFormatException error)
        {
            throw new UserError($"{path} is no plan, ONNX model or cache, and as weights it cannot be read: {error.Message}");
        }
    }

    private static Description Cache(string path)
    {
        IReadOnlyList<EngineCacheEntry> entries = new EngineCache(path).Entries;
        if (entries.Count == 0)
        {
            throw new UserError($"The folder {path} holds no cached engines.");
        }

        Description description = new(path, "engine cache")
        {
            Sum = $"{entries.Count} engines, {Units.Bytes(entries.Sum(entry => entry.Length))}",
        };
        string[] problem = entries.Any(entry => entry.Problem is not null) ? ["problem"] : [];
        description.Sections.Add(new Section("engines", ["id", "model", "library", "GPU", "#bytes", "last used", .. problem], [.. entries.Select(entry => new object?[]
        {
            entry.Id[..12], entry.Key?.Name is { } model ? new FilePath(model) : null, entry.Key?.Library, entry.Key?.Gpu, entry.Length, entry.LastUsed.ToString("u"), entry.Problem,
        }[..(6 + problem.Length)])]));
        return description;
    }

    /// <summary>A calibration cache is a text that names its algorithm in the first line.</summary>
    private static Description? Calibration(string path)
    {
        if (new FileInfo(path).Length is 0 or > MostCalibrationBytes)
        {
            return null;
        }

        using FileStream file = File.OpenRead(path);
        byte[] start = new byte[4];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || Encoding.ASCII.GetString(start) is var head && !(head == "TRT-" || head.StartsWith("0 ", StringComparison.Ordinal)))
        {
            return null;
        }

        CalibrationCache cache;
        try
        {
            cache = CalibrationCache.Read(File.ReadAllBytes(path));
        }
        catch (FormatException error) when (start[0] == 'T')
        {
            throw new UserError($"{path} begins like a calibration cache, but {error.Message}.");
        }
        catch (FormatException)
        {
            return null; // a .wts file, for one, may begin like that
        }

        Description description = new(path, "calibration cache");
        description.Facts.Add(("algorithm", cache.Algorithm.ToString()));
        description.Facts.Add(("made by", cache.Version.Length > 0 ? $"TensorRT {cache.Version}" : null));
        description.Sections.Add(new Section("scales", ["tensor", "scale", "range"], [.. cache.Scales.Select(scale => new object?[]
        {
            scale.Tensor, Units.Number(scale.Scale), $"±{Units.Number(scale.Scale * 127)}",
        })]));
        return description;
    }

    /// <summary>The bytes of a timing cache are the builder's own; what is known stands in the description beside it.</summary>
    private static Description? TimingCache(string path)
    {
        if (TimingCacheFile.Describe(path) is not { } known)
        {
            return null;
        }

        Description description = new(path, "timing cache");
        description.Facts.Add(("written by", known.Library));
        description.Facts.Add(("GPU", known.Gpu));
        description.Facts.Add(("length", Units.Bytes(new FileInfo(path).Length)));
        description.Facts.Add(("state", known.Problem ?? "whole"));
        return description;
    }
}

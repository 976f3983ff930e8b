using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trt.Utils;

/// <summary>The file beside a plan in a cache. It is written last: a plan without it, or with another one's, is not whole.</summary>
internal sealed record EngineCacheDescription
{
    public const int CurrentForm = 1;

    public required int Form { get; init; }

    public required string Model { get; init; }

    public required string Options { get; init; }

    public required string Library { get; init; }

    public required string Gpu { get; init; }

    public string? Name { get; init; }

    public required long Length { get; init; }

    /// <summary>The plan's <see cref="PlanChecksum"/>.</summary>
    public required string Checksum { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required double BuildSeconds { get; init; }

    [JsonIgnore]
    public TimeSpan BuildTime => BuildSeconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(BuildSeconds) : TimeSpan.Zero;

    [JsonIgnore]
    public EngineCacheKey Key => new(Model, Options, Library, Gpu) { Name = Name };

    /// <summary>Reads a description.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="problem">Why there is none, as a part of a sentence; empty when there is.</param>
    public static EngineCacheDescription? TryRead(string path, out string problem)
    {
        const int most = 16 << 20;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            EngineCacheDescription? read = file.Length > most ? null : JsonSerializer.Deserialize(file, EngineCacheJson.Default.EngineCacheDescription);
            problem = read is null || read.Model.Length == 0 || read.Library.Length == 0 || read.Gpu.Length == 0 ? "its description is damaged"
                : read.Form != CurrentForm ? $"its description has form {read.Form}, and {CurrentForm} is known"
                : string.Empty;
            return problem.Length == 0 ? read : null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "its description is missing, as after a build that was killed";
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problem = $"its description cannot be read ({error.Message.TrimEnd('.')})";
        }

        return null;
    }

    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, EngineCacheJson.Default.EngineCacheDescription));
}

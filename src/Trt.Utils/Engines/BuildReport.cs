using System.Text.Json;
using System.Text.Json.Nodes;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>What made an engine and what became of it; the JSON beside a plan.</summary>
public sealed record BuildReport
{
    /// <summary>Version of this JSON's layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Bytes of the plan.</summary>
    public required long PlanBytes { get; init; }

    /// <summary>SHA-256 of the plan, in hexadecimal digits.</summary>
    public required string PlanSha256 { get; init; }

    /// <summary>What it was built from.</summary>
    public required SourceReport Source { get; init; }

    /// <summary>The options, without what is at its default; <see cref="BuildOptions.FromJson"/> reads them.</summary>
    public required JsonObject Options { get; init; }

    /// <summary>The library that built it.</summary>
    public required LibraryReport Library { get; init; }

    /// <summary>The GPU that it was built on; null without one.</summary>
    public GpuReport? Gpu { get; init; }

    /// <summary>When the build ended.</summary>
    public required DateTimeOffset BuiltAt { get; init; }

    /// <summary>The system that it was built on, as .NET names it: <c>linux-x64</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>How long the parts of the build took.</summary>
    public required IReadOnlyList<PhaseTime> Times { get; init; }

    /// <summary>Optimization profiles, with a range for every input.</summary>
    public required IReadOnlyList<ShapeProfile> Profiles { get; init; }

    /// <summary>Inputs.</summary>
    public required IReadOnlyList<TensorReport> Inputs { get; init; }

    /// <summary>Outputs.</summary>
    public required IReadOnlyList<TensorReport> Outputs { get; init; }

    /// <summary>Layers of the network.</summary>
    public required int NetworkLayers { get; init; }

    /// <summary>Layers of the engine, after fusion; null when it was not loaded.</summary>
    public int? EngineLayers { get; init; }

    /// <summary>Where the engine's properties were read: <c>engine</c>, <c>plan head</c> or <c>nowhere</c>.</summary>
    public required string ReadBack { get; init; }

    /// <summary>What was asked for and is not so, or was decided in the user's place, a sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Warnings that the library logged during the build.</summary>
    public required IReadOnlyList<string> LibraryWarnings { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, BuildJson.Default.BuildReport);

    /// <summary>A report from its JSON.</summary>
    /// <param name="json">What <see cref="ToJson"/> gave.</param>
    /// <exception cref="FormatException">It is no such JSON; the message says where.</exception>
    public static BuildReport FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            return JsonSerializer.Deserialize(json, BuildJson.Default.BuildReport) ?? throw new JsonException("The text is null.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"This is no build report: {error.Message}", error);
        }
    }
}

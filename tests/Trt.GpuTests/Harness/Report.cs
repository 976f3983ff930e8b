using System.Text.Json;

namespace Trt.GpuTests;

/// <summary>The report of a run.</summary>
internal sealed record Report
{
    private static readonly JsonSerializerOptions Json = new(Journal.Json) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Program { get; init; } = typeof(Report).Assembly.GetName().Version!.ToString(3);

    public string Started { get; init; } = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);

    public MachineReport Machine { get; init; } = MachineReport.Look();

    public required DeviceReport Device { get; init; }

    public required IReadOnlyList<FoundLibrary> Libraries { get; init; }

    public required int Passed { get; init; }

    public required int Failed { get; init; }

    public required int Skipped { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<CaseRecord> Cases { get; init; }

    public void Write(string file)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        File.WriteAllText(file, JsonSerializer.Serialize(this, Json));
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trt.GpuTests;

/// <summary>
/// What a child process tells its parent: a file with a line of JSON when a case begins and one when it ends, written at once, so that the parent
/// knows what ran when the child is gone.
/// </summary>
internal sealed class Journal : IDisposable
{
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = false,
    };

    private readonly StreamWriter writer;

    public Journal(string file) => writer = new StreamWriter(file, append: true) { AutoFlush = true };

    /// <summary>A case began, or one ended.</summary>
    private sealed record Line(string? Begins, CaseRecord? Ended);

    public void Begin(string name) => writer.WriteLine(JsonSerializer.Serialize(new Line(name, null), Json));

    public void End(CaseRecord record) => writer.WriteLine(JsonSerializer.Serialize(new Line(null, record), Json));

    public void Dispose() => writer.Dispose();

    /// <summary>All that ended, and the names of what began and did not end.</summary>
    public static (List<CaseRecord> Ended, List<string> Open) Read(string file)
    {
        List<CaseRecord> ended = [];
        List<string> open = [];
        foreach (string text in File.Exists(file) ? File.ReadLines(file) : [])
        {
            // The last line may be cut off where the process was killed.
            Line? line;
            try
            {
                line = JsonSerializer.Deserialize<Line>(text, Json);
            }
            catch (JsonException)
            {
                continue;
            }

            if (line?.Begins is { } begins)
            {
                open.Add(begins);
            }
            else if (line?.Ended is { } record)
            {
                ended.Add(record);
                open.Remove(record.Name);
            }
        }

        return (ended, open);
    }
}

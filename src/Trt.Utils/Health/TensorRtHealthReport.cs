using System.Text;
using System.Text.Json;

namespace Trt.Utils;

/// <summary>What a check of the installation found; <see cref="ToString"/> gives all of it as text.</summary>
public sealed record TensorRtHealthReport
{
    internal TensorRtHealthReport()
    {
    }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What a program would load, with its version; null when there is nothing.</summary>
    public required string? Library { get; init; }

    /// <summary>That library's file; null for the CPU runtime, and when there is none.</summary>
    public required string? LibraryPath { get; init; }

    /// <summary>Whether it can build engines here, as was tried; false too when nothing was to be tried.</summary>
    public required bool CanBuild { get; init; }

    /// <summary>Whether it can run engines here, as was tried; false too when nothing was to be tried.</summary>
    public required bool CanRun { get; init; }

    /// <summary>Everything that was looked at, in order.</summary>
    public required IReadOnlyList<HealthItem> Items { get; init; }

    /// <summary>Whether there is a library and nothing that it should do has failed.</summary>
    public bool IsHealthy => Library is not null && Items.All(item => item.Status != HealthStatus.Failed);

    /// <summary>The most important in a sentence.</summary>
    public string Summary => Library is null ? "No TensorRT is usable here."
        : $"{Library} {(CanBuild, CanRun) switch
        {
            (true, true) => "builds and runs engines here.",
            (true, false) => "builds engines here and runs none.",
            (false, true) => "runs engines here and builds none.",
            _ => Items.Any(item => item.Area == Library && item.Name == "build") ? "neither builds nor runs engines here." : "is here; nothing was built or run.",
        }}{(Items.Count(item => item.Status == HealthStatus.Failed) is > 0 and int failed ? $" {failed} {(failed == 1 ? "thing" : "things")} failed." : string.Empty)}";

    /// <summary>The report as JSON: an object with the properties' names in camel case, <c>items</c> an array of objects.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, HealthJson.Default.TensorRtHealthReport);

    /// <summary>The report as text: the summary, then a line for each item under its area, with what to do below it.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendLine(Summary);
        string? area = null;
        foreach (HealthItem item in Items)
        {
            if (item.Area != area)
            {
                text.AppendLine().AppendLine(area = item.Area);
            }

            string mark = item.Status switch { HealthStatus.Good => "ok", HealthStatus.Note => "--", HealthStatus.Missing => "no", _ => "!!" };
            text.Append("  ").Append(mark).Append("  ").Append(item.Name).Append(": ").AppendLine(Indented(item.Detail));
            if (item.Remedy is not null)
            {
                text.Append("      to do: ").AppendLine(Indented(item.Remedy));
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string Indented(string text) => text.ReplaceLineEndings("\n").Replace("\n", Environment.NewLine + "      ", StringComparison.Ordinal);
}

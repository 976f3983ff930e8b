using System.Globalization;
using Trt.Utils;

namespace Trt.Cli.Building;

/// <summary>What was built, for people.</summary>
internal static class BuildFacts
{
    private const int Indent = 10;
    private const int MostLibraryWarnings = 5;

    public static void Write(Session session, string? plan, BuildReport report, IReadOnlyList<string> warnings)
    {
        double seconds = report.Times.Sum(time => time.Seconds);
        session.Screen.Facts(
            ("plan", $"{plan ?? "not kept (-o FILE keeps it)"}, {Units.Bytes(report.PlanBytes)}"),
            ("model", $"{report.Source.Name}, {report.NetworkLayers} layers{(report.EngineLayers is { } layers ? $", {layers} in the engine" : string.Empty)}"),
            ("built by", $"{report.Library.Release} ({report.Library.Version}){(report.Gpu is { } gpu ? $" on {gpu.Name}" : string.Empty)}"),
            ("inputs", Tensors(report.Inputs)),
            ("outputs", Tensors(report.Outputs)),
            ("profiles", string.Join("\n", report.Profiles.SelectMany((profile, number) => profile.Select(input => string.Create(CultureInfo.InvariantCulture, $"{number}: {input.Key} {input.Value}"))))),
            ("time", string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s: ")
                + string.Join(", ", report.Times.Where(time => time.Seconds >= 0.01 * seconds).Select(time => string.Create(CultureInfo.InvariantCulture, $"{time.Phase.ToLowerInvariant()} {time.Seconds:0.00} s")))),
            ("checked", report.ReadBack switch { "engine" => "the engine was asked what became of the options", "plan head" => "the plan's head was read; the engine cannot be loaded here", _ => null }));
        foreach (string warning in warnings)
        {
            TextWrap.Write(session.Output, "warning", warning, Indent);
        }

        foreach (string line in report.LibraryWarnings.Take(MostLibraryWarnings))
        {
            TextWrap.Write(session.Output, "library", line, Indent);
        }

        if (report.LibraryWarnings.Count > MostLibraryWarnings)
        {
            session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"library   {report.LibraryWarnings.Count - MostLibraryWarnings} more warnings (--verbose, or the JSON beside the plan)"));
        }
    }

    private static string Tensors(IReadOnlyList<TensorReport> tensors)
    {
        int name = tensors.Count == 0 ? 0 : tensors.Max(tensor => tensor.Name.Length);
        return string.Join("\n", tensors.Select(tensor => $"{tensor.Name.PadRight(name)}  {tensor.Type}  {Units.Shape(tensor.Shape)}{(tensor.Format is { } format && !format.Contains("kLINEAR", StringComparison.Ordinal) ? $"  {format}" : string.Empty)}"));
    }
}

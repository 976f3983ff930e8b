using System.Globalization;
using System.Text;

namespace Trt.Utils;

/// <summary>Shows a build's phases as text: in a terminal one line with a bar that is drawn anew, elsewhere a line for each phase that ended.</summary>
/// <remarks>
/// The bar counts the steps of the innermost phase, in front of it stand the phases around it; how long a step takes is not known. No colours, no
/// control characters but carriage return. Safe to use from several threads.
/// </remarks>
public sealed class ConsoleBuildProgress : IProgress<BuildProgress>
{
    private const int BarWidth = 24;
    private const int FallbackWidth = 80;

    private readonly Lock gate = new();
    private readonly TextWriter writer;
    private readonly bool redraws;
    private readonly List<BuildProgress> open = [];
    private int drawn;

    /// <summary>Shows phases on standard error, so that a program's own output stays clean.</summary>
    public ConsoleBuildProgress()
        : this(Console.Error, !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb")
    {
    }

    /// <summary>Shows phases on a writer.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="isTerminal">Whether a line can be drawn anew there.</param>
    public ConsoleBuildProgress(TextWriter writer, bool isTerminal)
    {
        ArgumentNullException.ThrowIfNull(writer);
        this.writer = writer;
        redraws = isTerminal;
    }

    /// <inheritdoc/>
    public void Report(BuildProgress value)
    {
        lock (gate)
        {
            open.RemoveAll(phase => phase.Phase == value.Phase && phase.Parent == value.Parent);
            int depth = Depth(value);
            if (value.State != BuildProgressState.Finished)
            {
                open.Add(value);
            }

            if (redraws)
            {
                Draw(open.Count > 0 ? Line() : string.Empty);
            }
            else if (value.State == BuildProgressState.Finished)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{new string(' ', 2 * depth)}{value.Phase}: {value.Step} of {value.Steps} steps"));
            }
        }
    }

    /// <summary>How many open phases a phase lies in.</summary>
    private int Depth(BuildProgress value)
    {
        int depth = 0;
        for (string? parent = value.Parent; parent is not null && depth <= open.Count; depth++)
        {
            int at = open.FindIndex(phase => phase.Phase == parent);
            parent = at < 0 ? null : open[at].Parent;
        }

        return depth;
    }

    /// <summary>The innermost phase with its bar, and the names of those around it.</summary>
    private string Line()
    {
        BuildProgress inner = open.MaxBy(phase => Depth(phase));
        int filled = inner.Steps > 0 ? Math.Clamp(inner.Step * BarWidth / inner.Steps, 0, BarWidth) : 0;
        StringBuilder text = new();
        text.Append('[').Append('#', filled).Append('.', BarWidth - filled);
        text.Append(CultureInfo.InvariantCulture, $"] {inner.Step}/{inner.Steps} {inner.Phase}");
        for (string? parent = inner.Parent; parent is not null;)
        {
            int at = open.FindIndex(phase => phase.Phase == parent);
            text.Append(at < 0 ? $" < {parent}" : string.Create(CultureInfo.InvariantCulture, $" < {parent} {open[at].Step}/{open[at].Steps}"));
            parent = at < 0 ? null : open[at].Parent;
        }

        int width = Width();
        return text.Length <= width ? text.ToString() : text.ToString(0, width);
    }

    private void Draw(string line)
    {
        writer.Write('\r');
        writer.Write(line.PadRight(drawn));
        if (line.Length == 0)
        {
            writer.Write('\r');
        }

        writer.Flush();
        drawn = line.Length;
    }

    private static int Width()
    {
        try
        {
            return Console.WindowWidth > 1 ? Console.WindowWidth - 1 : FallbackWidth;
        }
        catch (Exception error) when (error is IOException or PlatformNotSupportedException)
        {
            return FallbackWidth;
        }
    }
}

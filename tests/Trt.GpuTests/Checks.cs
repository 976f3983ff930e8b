using System.Diagnostics;
using System.Globalization;
using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>Runs checks, prints a line for each, and keeps a record of each. Checks follow one another; only what they measure may come from several threads.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="part">The part that the checks belong to.</param>
/// <param name="library">The library that they run on, if it is one.</param>
/// <param name="journal">Who is told of beginnings and ends.</param>
internal sealed class Checks(TextWriter output, string part = "", string? library = null, Journal? journal = null)
{
    private readonly Lock gate = new();
    private readonly List<CaseRecord> records = [];
    private List<Measurement>? measured;

    /// <summary>The part that the checks belong to.</summary>
    public string Part => part;

    /// <summary>The library that they run on, if it is one.</summary>
    public string? Library => library;

    /// <summary>All cases so far.</summary>
    public IReadOnlyList<CaseRecord> Records => records;

    public int Passed => records.Count(record => record.Outcome == Outcome.Ok);

    public int Failed => records.Count(record => record.Outcome == Outcome.Failed);

    public int Skipped => records.Count(record => record.Outcome == Outcome.Skipped);

    /// <summary>A check that answers null, or what is wrong. One that throws <see cref="MissingException"/> is skipped.</summary>
    /// <param name="name">Its name, which no other check of the part has.</param>
    /// <param name="check">What to do; the calling thread does it.</param>
    public void That(string name, Func<string?> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        journal?.Begin(name);
        List<Measurement> figures = [];
        measured = figures;
        Outcome outcome = Outcome.Ok;
        string? message;
        long start = Stopwatch.GetTimestamp();
        try
        {
            message = check();
            outcome = message is null ? Outcome.Ok : Outcome.Failed;
        }
        catch (MissingException missing)
        {
            (outcome, message) = (Outcome.Skipped, missing.Message);
        }
        catch (Exception exception)
        {
            (outcome, message) = (Outcome.Failed, exception.ToString());
        }

        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        measured = null;
        if (outcome == Outcome.Ok && figures.Where(figure => !figure.IsKept).ToArray() is { Length: > 0 } beyond)
        {
            (outcome, message) = (Outcome.Failed, string.Join("; ", beyond.AsEnumerable()));
        }

        Record(new CaseRecord(part, library, name, outcome, message, milliseconds, figures));
    }

    /// <summary>A check that cannot be done here.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reason">What is missing, in a sentence.</param>
    public void Skip(string name, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        Record(new CaseRecord(part, library, name, Outcome.Skipped, reason, 0, []));
    }

    /// <summary>A figure of the check that is running; where none is, a check of its own. A figure beyond its limit fails the check.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="value">How much.</param>
    /// <param name="unit">Such as <c>us</c>.</param>
    /// <param name="limit">The most that it may be; null where nothing is asked of it.</param>
    public void Measure(string name, double value, string unit, double? limit = null) => Keep(new Measurement(name, value, unit, limit, AtLeast: false));

    /// <summary>As <see cref="Measure"/>, for a figure that must not be too small.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="value">How much.</param>
    /// <param name="unit">Such as <c>images/s</c>.</param>
    /// <param name="least">The least that it may be.</param>
    public void MeasureAtLeast(string name, double value, string unit, double least) => Keep(new Measurement(name, value, unit, least, AtLeast: true));

    /// <summary>A call that must be refused with an exception whose message holds some words.</summary>
    public void Refuses<T>(string name, Action call, params string[] words)
        where T : Exception => That(name, () =>
        {
            try
            {
                call();
            }
            catch (T exception)
            {
                Note($"says: {exception.Message.ReplaceLineEndings(" | ")}");
                return words.FirstOrDefault(word => !exception.Message.Contains(word, StringComparison.Ordinal)) is { } missing ? $"the message lacks \"{missing}\"" : null;
            }

            return $"no {typeof(T).Name} was thrown";
        });

    /// <summary>Prints a remark below the check that is running.</summary>
    public void Note(string text)
    {
        lock (gate)
        {
            output.WriteLine($"     {text}");
            output.Flush();
        }
    }

    /// <summary>A logger that prints warnings and errors as they come.</summary>
    public ILogger Logger() => new DelegateLogger((severity, text) =>
    {
        if (severity <= Severity.Warning)
        {
            Note($"{severity}: {text}");
        }
    });

    /// <summary>A case that ran elsewhere, such as a test of the suite.</summary>
    public void Record(CaseRecord record)
    {
        lock (gate)
        {
            records.Add(record);
            journal?.End(record);
            string word = record.Outcome switch
            {
                Outcome.Ok => "ok  ",
                Outcome.Failed => "FAIL",
                _ => "skip",
            };
            string time = record.Milliseconds > 1000 ? string.Create(CultureInfo.InvariantCulture, $" ({record.Milliseconds / 1000:F1} s)") : string.Empty;
            output.WriteLine($"{word} {record.Name}{(record.Message is null ? string.Empty : ": " + record.Message)}{time}");
            output.Flush();
        }
    }

    /// <summary>A case that runs elsewhere begins.</summary>
    public void Begin(string name)
    {
        lock (gate)
        {
            journal?.Begin(name);
        }
    }

    private void Keep(Measurement figure)
    {
        if (measured is not { } figures)
        {
            That(figure.Name, () =>
            {
                Keep(figure);
                return null;
            });
            return;
        }

        lock (gate)
        {
            figures.Add(figure);
            output.WriteLine($"     {figure}");
            output.Flush();
        }
    }
}

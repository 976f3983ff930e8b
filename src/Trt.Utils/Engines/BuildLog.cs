using System.Runtime.CompilerServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Passes a library's lines on to the user's logger and keeps those of a build.</summary>
/// <remarks>One for each logger of a user, since a library may keep every logger that it was ever given.</remarks>
internal sealed class BuildLog : ILogger
{
    private static readonly ConditionalWeakTable<ILogger, BuildLog> Known = [];

    [ThreadStatic]
    private static Collector? current;

    private readonly ILogger user;
    private readonly Lock gate = new();
    private readonly List<Collector> active = [];

    private BuildLog(ILogger user) => this.user = user;

    /// <summary>The one in front of a user's logger.</summary>
    public static BuildLog For(ILogger user) => user as BuildLog ?? Known.GetValue(user, static logger => new BuildLog(logger));

    public void Log(Severity severity, string msg)
    {
        if (severity <= Severity.Warning)
        {
            if (current is { } own && own.Log == this)
            {
                own.Add(severity, msg);
            }
            else
            {
                // A worker thread of the library: nobody knows whose.
                lock (gate)
                {
                    active.ForEach(collector => collector.Add(severity, msg));
                }
            }
        }

        user.Log(severity, msg);
    }

    /// <summary>Keeps warnings and errors from now on, those of this thread and of the library's own threads, until it is disposed on this thread.</summary>
    public Collector Collect()
    {
        Collector collector = new(this, current);
        lock (gate)
        {
            active.Add(collector);
        }

        current = collector;
        return collector;
    }

    /// <summary>The warnings and errors of one build.</summary>
    public sealed class Collector(BuildLog log, Collector? outer) : IDisposable
    {
        private const int Most = 200;

        private readonly List<LogLine> lines = [];

        public BuildLog Log => log;

        /// <summary>Number of lines so far.</summary>
        public int Count
        {
            get
            {
                lock (lines)
                {
                    return lines.Count;
                }
            }
        }

        public void Add(Severity severity, string text)
        {
            lock (lines)
            {
                if (lines.Count < Most)
                {
                    lines.Add(new LogLine(severity, text));
                }
            }
        }

        /// <summary>The texts of the lines from a number on, each once.</summary>
        public IReadOnlyList<string> From(int first)
        {
            lock (lines)
            {
                return [.. lines.Skip(first).Select(line => line.Text).Distinct(StringComparer.Ordinal)];
            }
        }

        public void Dispose()
        {
            lock (log.gate)
            {
                log.active.Remove(this);
            }

            current = outer;
        }
    }
}

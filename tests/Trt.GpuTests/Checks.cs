using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>Runs checks, prints a line for each, and counts.</summary>
internal sealed class Checks(TextWriter output)
{
    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>A check that answers null, or what is wrong.</summary>
    public void That(string name, Func<string?> check)
    {
        string? wrong;
        try
        {
            wrong = check();
        }
        catch (Exception exception)
        {
            wrong = exception.ToString();
        }

        if (wrong is null)
        {
            Passed++;
            output.WriteLine($"ok   {name}");
        }
        else
        {
            Failed++;
            output.WriteLine($"FAIL {name}: {wrong}");
        }

        output.Flush();
    }

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
                output.WriteLine($"     says: {exception.Message.ReplaceLineEndings(" | ")}");
                return words.FirstOrDefault(word => !exception.Message.Contains(word, StringComparison.Ordinal)) is { } missing ? $"the message lacks \"{missing}\"" : null;
            }

            return $"no {typeof(T).Name} was thrown";
        });

    /// <summary>A logger that prints warnings and errors as they come.</summary>
    public ILogger Logger() => new DelegateLogger((severity, text) =>
    {
        if (severity <= Severity.Warning)
        {
            output.WriteLine($"     {severity}: {text}");
        }
    });
}

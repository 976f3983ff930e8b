namespace Trt.Cpu.Tests.Plugins;

/// <summary>What plugins were asked, in order, and which call shall fail.</summary>
internal sealed class CallLog
{
    private readonly List<string> calls = [];

    /// <summary>The call that throws, or gives a status or answer of failure; null for none.</summary>
    public string? Fails { get; set; }

    /// <summary>Whether the failing call throws instead of telling its failure.</summary>
    public bool Throws { get; set; }

    public int Alive { get; private set; }

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (calls)
            {
                return [.. calls];
            }
        }
    }

    public void Born()
    {
        lock (calls)
        {
            Alive++;
        }
    }

    public void Died()
    {
        lock (calls)
        {
            Alive--;
        }
    }

    /// <summary>Notes a call; true when it shall tell a failure.</summary>
    public bool Note(string call)
    {
        lock (calls)
        {
            calls.Add(call);
        }

        string name = call.Split(' ')[0];
        return name == Fails && (Throws ? throw new InvalidOperationException($"{name} does not want to") : true);
    }

    public int Count(string name) => Calls.Count(call => call.Split(' ')[0] == name);

    /// <summary>Each call once, in the order of their first appearance.</summary>
    public string Order() => string.Join(' ', Calls.Select(call => call.Split(' ')[0]).Distinct());
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Tests.Abi;

/// <summary>The C# side of the probe in one release: makes values, writes them down as C++ does, and compares.</summary>
internal sealed unsafe partial class Probe(int release, bool plainCalls)
{
    private readonly Dictionary<int, (StringBuilder Arguments, StringBuilder Results)> entered = [];
    private readonly List<object> alive = [];
    private readonly Dictionary<Type, int> classIds = ProbeTables.Types.Select((type, i) => (type, i)).ToDictionary(pair => pair.type, pair => pair.i);
    private StringBuilder output = new();
    private int member;
    private int next;
    private bool isStubSide;

    public ProbeLibrary Library { get; } = new(release, plainCalls);

    /// <summary>0 and 1 have distinct values; in 2 everything that may be missing is.</summary>
    public int Round { get; set; }

    /// <summary>Number of elements of every array.</summary>
    public int N => 2 + (Round % 2);

    public List<string> Errors { get; } = [];

    /// <summary>Members that were called and compared.</summary>
    public HashSet<int> Checked { get; } = [];

    /// <summary>Members that the release lacks and that said so.</summary>
    public HashSet<int> Absent { get; } = [];

    private bool IsFailing => Round == 2;

    /// <summary>One member called through its proxy.</summary>
    public void Case(int id, Action call)
    {
        bool present = reachable.Contains(id);
        if (present != expectPresent || (!classIsHere && (ProbeTables.Members[id] & (1 << release)) != 0))
        {
            return;
        }

        bool fails = IsFailing && (ProbeTables.Members[id] & (1 << (12 + release))) != 0;
        isStubSide = false;
        Start(id);
        ProbeNative.Begin(Round);
        try
        {
            (StringBuilder Arguments, StringBuilder Results) record = entered[id];
            try
            {
                call();
                if (!present && ProbeTables.Longer.TryGetValue(id, out int longer) && reachable.Contains(longer))
                {
                    if (ProbeNative.Self(0, Shared(longer)) != self)
                    {
                        Error(id, "is absent, and its longer form was not called");
                    }

                    Refused(id);
                    return;
                }

                if (!present)
                {
                    Error(id, "was called, although the release lacks it");
                    return;
                }

                if (fails)
                {
                    Error(id, "failed in C++, and C# did not throw");
                    return;
                }

                Compare(id, record.Results.ToString(), ProbeNative.Results(0, Shared(id)), "results");
            }
            catch (TensorRtException) when (fails)
            {
                // What the result of a failed call looks like is not looked at.
            }
            catch (NotInThisReleaseException exception) when (!present)
            {
                if (exception.Name != ProbeTables.Names[id] && !ProbeTables.Longer.ContainsKey(id))
                {
                    Error(id, $"is absent, and the exception speaks of {exception.Name}");
                }

                Refused(id);
                return;
            }

            Compare(id, record.Arguments.ToString(), ProbeNative.Arguments(0, Shared(id)), "arguments");
            if (ProbeNative.Self(0, Shared(id)) != self)
            {
                Error(id, ProbeNative.Self(0, Shared(id)) is null ? "did not reach its C++ function" : "reached another object");
            }

            Checked.Add(id);
        }
        catch (Exception exception)
        {
            Error(id, $"threw {exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            foreach (IDisposable one in alive.OfType<NativeObject>())
            {
                one.Dispose();
            }

            alive.Clear();
        }
    }

    /// <summary>A managed implementation was called.</summary>
    public void Enter(int id) => Start(id);

    /// <summary>From here on results are written down.</summary>
    public void Results() => output = entered[member].Results;

    private void Start(int id)
    {
        member = id;
        next = 0;
        entered[id] = (new StringBuilder(), new StringBuilder());
        output = entered[id].Arguments;
    }

    /// <summary>The release has the member at most in other classes.</summary>
    private void Refused(int id)
    {
        if ((ProbeTables.Members[id] & (1 << release)) == 0)
        {
            Absent.Add(id);
        }
    }

    private int Shared(int id) => ProbeTables.Shared.GetValueOrDefault((release, id), id);

    private void Compare(int id, string managed, string native, string what)
    {
        if (managed != native)
        {
            Error(id, $"{what} differ: C# has {managed} and C++ has {native}");
        }
    }

    private void Error(int id, string what) => Errors.Add($"{ProbeTables.Names[id]} (round {Round}{(plainCalls ? ", plain calls" : string.Empty)}{(isStubSide ? ", C++ → C#" : ", C# → C++")}) {what}");
}

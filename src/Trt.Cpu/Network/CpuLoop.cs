using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A loop of a network. What belongs to its body follows from what reads its recurrences and iterators.</summary>
internal sealed class CpuLoop(CpuNetwork network, int number) : ControlScope(network, $"(Unnamed Loop* {number})"), ILoop
{
    public List<Recurrence> Recurrences { get; } = [];

    public List<Iterator> Iterators { get; } = [];

    public List<TripLimiter> Limits { get; } = [];

    public List<LoopResult> Results { get; } = [];

    /// <summary>What says how often it runs; null when only a condition ends it.</summary>
    public TripLimiter? Count => Limits.Find(limit => limit.TripLimit == TripLimit.Count);

    /// <summary>What is asked before each iteration; null when only the count ends it.</summary>
    public TripLimiter? Condition => Limits.Find(limit => limit.TripLimit == TripLimit.While);

    /// <summary>The layers that bound it.</summary>
    public IEnumerable<CpuLayer> Boundary => [.. Recurrences, .. Iterators, .. Limits];

    public IRecurrenceLayer AddRecurrence(ITensor initialValue) => Add(Recurrences, new Recurrence(this, Network.Own(initialValue)));

    public ITripLimitLayer AddTripLimit(ITensor tensor, TripLimit limit)
    {
        CpuTensor own = Network.Own(tensor);
        return limit is TripLimit.Count or TripLimit.While
            ? Add(Limits, new TripLimiter(this, own, limit))
            : throw Refused("addTripLimit", $"limit is an enumerator of TripLimit, {(int)limit} is none");
    }

    public IIteratorLayer AddIterator(ITensor tensor, int axis = 0, bool reverse = false)
    {
        CpuTensor own = Network.Own(tensor);
        return axis >= 0 ? Add(Iterators, new Iterator(this, own, axis, reverse)) : throw Refused("addIterator", $"axis >= 0. It is {axis}");
    }

    public ILoopOutputLayer AddLoopOutput(ITensor tensor, LoopOutput outputKind, int axis = 0)
    {
        CpuTensor own = Network.Own(tensor);
        return outputKind is not (LoopOutput.LastValue or LoopOutput.Concatenate or LoopOutput.Reverse)
            ? throw Refused("addLoopOutput", $"outputKind is an enumerator of LoopOutput, {(int)outputKind} is none")
            : axis < 0 ? throw Refused("addLoopOutput", $"axis >= 0. It is {axis}")
            : Add(Results, new LoopResult(this, own, outputKind, axis));
    }

    private T Add<T>(List<T> kind, T layer)
        where T : CpuLayer
    {
        Network.Add(layer);
        kind.Add(layer);
        return layer;
    }

    private TensorRtException Refused(string method, string condition) =>
        Network.Journal.Failure($"ILoop::{method}", Refusal.Argument($"Parameter check failed, condition: {condition}."));
}

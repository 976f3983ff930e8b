using System.Globalization;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <content>Weights that a refit may exchange: inputs of the session, so that nothing is folded or packed from them when it is made.</content>
internal sealed partial class Lowering
{
    private readonly List<PlanWeights> exchangeable = [];
    private readonly List<nint> exchangeableAddresses = [];
    private readonly List<object?> owners = [];
    private readonly Dictionary<(CpuLayer, WeightsRole), OnnxValue> exchanged = [];
    private readonly Dictionary<CpuTensor, OnnxValue> ranges = [];

    /// <summary>Which weights are exchangeable.</summary>
    public RefitChoice Refit { get; init; } = RefitChoice.None;

    public IReadOnlyList<PlanWeights> Exchangeable => exchangeable;

    /// <summary>Bytes of all weights, also of those that lie in the graph.</summary>
    public long AllWeightBytes => allWeightBytes;

    /// <summary>Bytes of the greatest weights.</summary>
    public long LargestWeights { get; private set; }

    /// <summary>Where the exchangeable weights are now; 0 for those that the plan is to be written without. Scales of INT8 tensors are not weights and stay.</summary>
    public nint[] ExchangeableAddresses() =>
        [.. exchangeable.Select((entry, i) => Refit.Strips && entry.RangeOf is null ? 0 : exchangeableAddresses[i])];

    private OnnxValue Exchange(Weights source, ReadOnlySpan<long> dims, WeightsRole role)
    {
        // A layer that is written twice, as in loops, has its weights once.
        if (exchanged.TryGetValue((Layer, role), out OnnxValue known))
        {
            return known;
        }

        OnnxValue value = ExchangeableInput(source, dims, new PlanWeights
        {
            Layer = Layer.Label,
            Role = role,
            Name = Refit.NameOf(source),
            Type = source.Type,
            Count = source.Count,
            Dims = dims.ToArray(),
        });
        exchanged.Add((Layer, role), value);
        CountWeights(source);
        return value;
    }

    /// <summary>The scale of an INT8 tensor: a number, or where the engine can be refitted an input of the session.</summary>
    private OnnxValue Scale(CpuTensor tensor, float scale, DataType type)
    {
        if (!Refit.IsOn)
        {
            return Number(scale, type);
        }

        if (!ranges.TryGetValue(tensor, out OnnxValue value))
        {
            Weights source = Trt.Interop.Weights.From<float>([scale]);
            value = ExchangeableInput(source, [], new PlanWeights { Layer = string.Empty, Role = WeightsRole.Scale, Name = null, RangeOf = tensor.Name, Type = DataType.Float, Count = 1, Dims = [] });
            ranges.Add(tensor, value);
        }

        return Cast(value, type);
    }

    private OnnxValue ExchangeableInput(Weights source, ReadOnlySpan<long> dims, PlanWeights entry)
    {
        OnnxValue value = new(string.Create(CultureInfo.InvariantCulture, $"w{exchangeable.Count}"), source.Type);
        Graph.Input.Add(Declaration(value, new Dims(dims)));
        exchangeable.Add(entry);
        exchangeableAddresses.Add(source.Values);
        owners.Add(source.Owner);
        return value;
    }

    private void CountWeights(Weights source)
    {
        long bytes = Types.Bytes(source.Type, source.Count);
        allWeightBytes += bytes;
        LargestWeights = Math.Max(LargestWeights, bytes);
    }
}

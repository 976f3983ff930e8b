using System.Globalization;
using Trt.Cpu.Onnx;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>Weights that a refit may exchange: inputs of the session, so that nothing is folded or packed from them when it is made.</content>
internal sealed partial class Lowering
{
    private readonly List<PlanWeights> exchangeable = [];
    private readonly List<nint> exchangeableAddresses = [];

    /// <summary>Which weights are exchangeable.</summary>
    public RefitChoice Refit { get; init; } = RefitChoice.None;

    public IReadOnlyList<PlanWeights> Exchangeable => exchangeable;

    /// <summary>Bytes of all weights, also of those that lie in the graph.</summary>
    public long AllWeightBytes => allWeightBytes;

    /// <summary>Bytes of the greatest weights.</summary>
    public long LargestWeights { get; private set; }

    /// <summary>Where the exchangeable weights are now; 0 for those that the plan is to be written without.</summary>
    public nint[] ExchangeableAddresses() => Refit.Strips ? new nint[exchangeable.Count] : [.. exchangeableAddresses];

    private OnnxValue Exchange(Weights source, ReadOnlySpan<long> dims, WeightsRole role)
    {
        OnnxValue value = new(string.Create(CultureInfo.InvariantCulture, $"w{exchangeable.Count}"), source.Type);
        Graph.Input.Add(Declaration(value, new Dims(dims)));
        exchangeable.Add(new PlanWeights
        {
            Layer = Layer.Label,
            Role = role,
            Name = Refit.NameOf(source),
            Type = source.Type,
            Count = source.Count,
            Dims = dims.ToArray(),
        });
        exchangeableAddresses.Add(source.Values);
        CountWeights(source);
        return value;
    }

    private void CountWeights(Weights source)
    {
        long bytes = Types.Bytes(source.Type, source.Count);
        allWeightBytes += bytes;
        LargestWeights = Math.Max(LargestWeights, bytes);
    }
}

namespace Trt.Cpu;

/// <summary>Lays out the weights of a plan: first those that the graph names as its constants, then those that a refit may exchange.</summary>
internal static class PlanWriter
{
    /// <summary>Puts a plan together. Exchangeable weights come last, so that leaving them out moves nothing that the graph refers to.</summary>
    /// <param name="description">What the plan says of itself; places of exchangeable weights are filled in here.</param>
    /// <param name="graph">The serialized graph.</param>
    /// <param name="constants">Weights that the graph holds as constants.</param>
    /// <param name="constantBytes">Length of their part.</param>
    /// <param name="exchangeable">Address of each exchangeable weights; 0 to leave them out. Equal addresses are stored once.</param>
    public static PlanImage Write(PlanDescription description, ReadOnlySpan<byte> graph, IReadOnlyList<WeightBlock> constants, long constantBytes, ReadOnlySpan<nint> exchangeable)
    {
        List<WeightBlock> blocks = [.. constants];
        Dictionary<(nint, long), long> places = [];
        PlanWeights[] weights = new PlanWeights[exchangeable.Length];
        long end = constantBytes;
        for (int i = 0; i < weights.Length; i++)
        {
            PlanWeights entry = description.Exchangeable[i];
            long bytes = Types.Bytes(entry.Type, entry.Count);
            if (exchangeable[i] == 0)
            {
                weights[i] = entry with { Offset = -1 };
                continue;
            }

            if (!places.TryGetValue((exchangeable[i], bytes), out long place))
            {
                place = end;
                places.Add((exchangeable[i], bytes), place);
                blocks.Add(new WeightBlock(entry.Label(), exchangeable[i], bytes, place));
                end += NativeBlob.Aligned(bytes);
            }

            weights[i] = entry with { Offset = place };
        }

        return PlanFile.Compose(description with { Exchangeable = weights, ConstantBytes = constantBytes }, graph, blocks, end);
    }
}

using Trt.Onnx;

namespace Trt.Utils;

/// <summary>The search of one reduction: which parts are asked about, in which order.</summary>
internal sealed class ReductionSearch(
    ReductionGraph graph,
    Func<IReadOnlyList<string>, IReadOnlyList<string>, int, OnnxCandidate?> cut,
    Func<OnnxCandidate, bool> fails,
    IProgress<OnnxReductionTry>? progress,
    CancellationToken cancellation) : IDisposable
{
    private readonly List<OnnxReductionTry> tries = [];
    private readonly Dictionary<string, bool> answers = new(StringComparer.Ordinal);
    private OnnxCandidate? smallest;
    private string[] inputs = [];
    private string[] outputs = [];

    public IReadOnlyList<OnnxReductionTry> Tries => tries;

    /// <returns>The smallest part that fails, which is the caller's now; null when the whole does not.</returns>
    public OnnxCandidate? Run()
    {
        if (!Ask("whole", graph.Inputs, [.. graph.Outputs.Where(graph.CanBeOutput)]))
        {
            return null;
        }

        MoveOutputs();
        MoveInputs();
        DropNodes();
        OnnxCandidate? result = smallest;
        smallest = null;
        return result;
    }

    public void Dispose() => smallest?.Close();

    /// <summary>Finds the first node with which the model's beginning fails.</summary>
    private void MoveOutputs()
    {
        List<NodeProto> nodes = graph.Between(Set(inputs), outputs);
        int passes = 0, failing = nodes.Count;
        while (failing - passes > 1)
        {
            int middle = passes + ((failing - passes) / 2);
            if (Ask("outputs", graph.Inputs, graph.Frontier([.. nodes.Take(middle)])))
            {
                failing = middle;
            }
            else
            {
                passes = middle;
            }
        }

        // With what comes before it passes: this node's outputs should do.
        if (!Ask("outputs", graph.Inputs, [.. nodes[failing - 1].Output.Where(graph.CanBeOutput)]))
        {
            foreach (string output in outputs.ToArray())
            {
                Ask("outputs", graph.Inputs, [.. outputs.Where(other => other != output)]);
            }
        }
    }

    /// <summary>Finds the last node from which on the model's rest fails.</summary>
    private void MoveInputs()
    {
        List<NodeProto> nodes = graph.Between(Set(inputs), outputs);
        int failing = 0, passes = nodes.Count;
        while (passes - failing > 1)
        {
            int middle = failing + ((passes - failing) / 2);
            HashSet<NodeProto> kept = new(nodes.Skip(middle), ReferenceEqualityComparer.Instance);
            string[] cutOff = [.. kept.SelectMany(graph.Reads).Where(name => graph.Maker(name) is { } maker && !kept.Contains(maker) && graph.CanBeInput(name))];
            if (Ask("inputs", [.. graph.Inputs, .. cutOff], outputs))
            {
                failing = middle;
            }
            else
            {
                passes = middle;
            }
        }
    }

    /// <summary>Leaves out node after node, until none can be left out.</summary>
    private void DropNodes()
    {
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (NodeProto node in graph.Between(Set(inputs), outputs))
            {
                string[] made = [.. node.Output.Where(graph.CanBeOutput)];
                changed |= made.Any(outputs.Contains)
                    ? Ask("nodes", [.. graph.Inputs, .. inputs], [.. outputs.Except(made), .. graph.Reads(node).Where(name => graph.CanBeOutput(name) && !graph.IsConstant(name) && !inputs.Contains(name))])
                    : Ask("nodes", [.. graph.Inputs, .. inputs, .. made.Where(graph.CanBeInput)], outputs);
            }
        }
    }

    /// <summary>Asks about a part, and keeps it when it fails. A part that is no smaller is not asked about.</summary>
    private bool Ask(string phase, IEnumerable<string> from, IReadOnlyCollection<string> to)
    {
        cancellation.ThrowIfCancellationRequested();
        string[] wanted = [.. to.Distinct(StringComparer.Ordinal)];
        HashSet<string> given = Set(from.Except(wanted));
        List<NodeProto> nodes = graph.Between(given, wanted);

        // Only what is read is an input.
        HashSet<string> read = Set(nodes.SelectMany(graph.Reads));
        string[] needed = [.. given.Where(read.Contains)];
        bool isSmaller = smallest is null || nodes.Count < smallest.NodeCount || (nodes.Count == smallest.NodeCount && wanted.Length < outputs.Length);
        if (wanted.Length == 0 || nodes.Count == 0 || !isSmaller)
        {
            return false;
        }

        string key = string.Join('\0', needed.Order(StringComparer.Ordinal)) + "\0\0" + string.Join('\0', wanted);
        if (answers.TryGetValue(key, out bool known))
        {
            return known;
        }

        OnnxCandidate? candidate = cut(needed, wanted, nodes.Count);
        bool result = false;
        try
        {
            if (candidate is not null)
            {
                result = fails(candidate);
                tries.Add(new OnnxReductionTry(tries.Count + 1, phase, candidate.NodeCount, result));
                progress?.Report(tries[^1]);
            }
        }
        finally
        {
            if (!result)
            {
                candidate?.Close();
            }
        }

        answers[key] = result;
        if (result)
        {
            smallest?.Close();
            (smallest, inputs, outputs) = (candidate, needed, wanted);
        }

        return result;
    }

    private static HashSet<string> Set(IEnumerable<string> names) => new(names, StringComparer.Ordinal);
}

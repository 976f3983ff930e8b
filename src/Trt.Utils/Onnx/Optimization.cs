using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Runs passes over a copy of a model, and checks it as it goes.</summary>
internal sealed class Optimization : IDisposable
{
    private const int MostRounds = 200; // passes never undo one another; this is for a mistake in them
    private readonly OnnxModel model;
    private EditableModel edited;
    private readonly OnnxOpCounts before;
    private readonly ModelComparison? comparison;
    private Dictionary<string, int> changes = new(StringComparer.Ordinal);
    private readonly List<string> notes = [];
    private int folded;

    public Optimization(OnnxModel model, OnnxCheckOptions? check)
    {
        this.model = model;
        before = OnnxOpCounts.Of(model.Proto);
        edited = model.Edit();
        comparison = check is null ? null : new ModelComparison(model.Proto, model.Contents, check);
        if (comparison is { Unknown.Count: > 0 })
        {
            notes.Add($"ONNX Runtime cannot run {string.Join(", ", comparison.Unknown.Select(node => node.OpType).Distinct())}: what such nodes read was compared, not what depends on them.");
        }
    }

    /// <summary>Passes over all graphs, once or until nothing changes; with a check after each that changed something.</summary>
    public void Optimize(IReadOnlyList<GraphPass> passes, bool fixedPoint, bool infer)
    {
        int round = 0;
        bool changed = true;
        while (changed && round < MostRounds)
        {
            changed = false;
            if (infer)
            {
                infer = Infer();
            }

            foreach (GraphPass pass in passes)
            {
                if (Run(pass) > 0)
                {
                    changed = true;
                    Check(pass.Name);
                }
            }

            changed &= fixedPoint;
            round++;
        }
    }

    /// <summary>Passes and folding in turns until nothing changes; with one check at the end.</summary>
    public void Simplify(IReadOnlyList<GraphPass> passes, bool fold, long mostBytes)
    {
        bool changed = true, infer = true;
        HashSet<string> keptFor = new(StringComparer.Ordinal);
        (ModelProto Proto, int Folded, Dictionary<string, int> Changes)? good = null;
        for (int round = 0; changed && round < MostRounds; round++)
        {
            if (infer && !TryInfer(out string? reason))
            {
                if (good is not var (proto, count, made))
                {
                    infer = false;
                    notes.Add($"Shapes could not be inferred, so what the model says of them was used: {reason}");
                }
                else
                {
                    // With its input known beforehand an operator may be refused that takes the same input in a run.
                    edited = new EditableModel(proto, model.Contents);
                    folded = count;
                    changes = made;
                    good = null;
                    if (Ops(reason!).Count(keptFor.Add) == 0)
                    {
                        break;
                    }

                    continue;
                }
            }

            good = infer ? (edited.Commit().Clone(), folded, new Dictionary<string, int>(changes, StringComparer.Ordinal)) : null;
            changed = false;
            foreach (GraphPass pass in passes)
            {
                changed |= Run(pass) > 0;
            }

            ConstantFolding folding = new(edited, mostBytes, keptFor);
            if (fold && folding.Fold(folding.Nodes) is > 0 and int nodes)
            {
                folded += nodes;
                changed = true;
            }
        }

        Check("simplifying");
    }

    /// <summary>Gives the model what it has become.</summary>
    public OnnxOptimizeReport Finish()
    {
        ModelProto proto = edited.Commit();
        model.Become(proto);
        return new OnnxOptimizeReport
        {
            Before = before,
            After = OnnxOpCounts.Of(proto),
            Changes = changes,
            Folded = folded,
            ComparedRuns = comparison?.Runs ?? 0,
            WorstDifference = comparison?.Worst ?? 0,
            Notes = notes,
        };
    }

    public void Dispose() => comparison?.Dispose();

    private bool Infer()
    {
        if (!TryInfer(out string? reason))
        {
            notes.Add($"Shapes could not be inferred, so what the model says of them was used: {reason}");
        }

        return reason is null;
    }

    private bool TryInfer(out string? reason)
    {
        try
        {
            reason = TypeInference.Infer(edited);
        }
        catch (TensorRtNotFoundException)
        {
            reason = "no runtime is registered; reference Trt.Cpu and call CpuRuntime.Register().";
        }

        return reason is null;
    }

    /// <summary>Operators of the model that a message speaks of.</summary>
    private IEnumerable<string> Ops(string message)
    {
        string[] words = message.Split([' ', '(', ')', '\'', '"', ',', ':'], StringSplitOptions.RemoveEmptyEntries);
        return edited.Main.Nodes.Select(node => node.OpType).Distinct(StringComparer.Ordinal).Where(words.Contains).ToArray();
    }

    private int Run(GraphPass pass)
    {
        int count = Run(pass, edited.Main);
        if (count > 0)
        {
            changes[pass.Name] = changes.GetValueOrDefault(pass.Name) + count;
        }

        return count;
    }

    /// <summary>A graph first, then what is left of the graphs in it.</summary>
    private static int Run(GraphPass pass, EditableGraph graph)
    {
        int count = pass.Run(graph);
        foreach (NodeProto node in graph.Nodes.Where(node => graph.Bodies(node).Count > 0).ToArray())
        {
            count += graph.Bodies(node).Sum(body => Run(pass, body));
        }

        return count;
    }

    private void Check(string by) => comparison?.Check(edited.Commit(), by);
}

using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Which layers the outputs of a network need, and which loops and conditionals each of them belongs to.</summary>
/// <remarks>
/// A layer belongs to a loop when something it reads changes from iteration to iteration, and to a conditional when it reads what one of the
/// conditional's inputs gives. Boundary layers begin and end both.
/// </remarks>
internal sealed partial class ControlFlow
{
    private readonly CpuNetwork network;
    private readonly IReadOnlyList<CpuTensor> outputs;
    private readonly HashSet<CpuLayer> needed;
    private readonly Dictionary<CpuLayer, HashSet<ControlScope>> scopes = [];
    private readonly Dictionary<CpuConditional, HashSet<CpuLayer>> outside = [];

    /// <summary>Looks at a network whose layers all have shapes.</summary>
    /// <param name="network">The network.</param>
    /// <param name="outputs">The tensors that a run has to give.</param>
    public ControlFlow(CpuNetwork network, IReadOnlyList<CpuTensor> outputs)
    {
        this.network = network;
        this.outputs = outputs;
        Order = InOrder(outputs);
        needed = [.. Order];
        if (network.Loops.Count + network.Conditionals.Count > 0)
        {
            FindScopes();
        }
    }

    /// <summary>The layers that the outputs need, each after those that it reads, but for what recurrences read from the iteration before.</summary>
    public List<CpuLayer> Order { get; }

    public bool IsNeeded(CpuLayer layer) => needed.Contains(layer);

    public bool IsIn(CpuLayer layer, ControlScope scope) => scopes.TryGetValue(layer, out HashSet<ControlScope>? around) && around.Contains(scope);

    /// <summary>Whether a layer is in any loop or branch.</summary>
    public bool IsInside(CpuLayer layer) => scopes.TryGetValue(layer, out HashSet<ControlScope>? around) && around.Count > 0;

    /// <summary>Whether a layer has a use other than in the branches of a conditional, so that it is computed whatever the condition says.</summary>
    public bool IsNeededOutside(CpuLayer layer, CpuConditional conditional)
    {
        if (!outside.TryGetValue(conditional, out HashSet<CpuLayer>? found))
        {
            found = Reachable(outputs.Select(output => output.Producer), layer => layer is ConditionalResult result && result.Owner == conditional
                ? conditional.Condition is { } condition ? [condition] : []
                : Reads(layer).Concat(Siblings(layer)));
            outside.Add(conditional, found);
        }

        return found.Contains(layer);
    }

    /// <summary>Layers to write before a layer; for a loop or conditional, all outside of it that it reads.</summary>
    public IEnumerable<CpuLayer> Before(CpuLayer layer) => layer switch
    {
        LoopResult result => Around([result, .. Siblings(result)], inner => IsIn(inner, result.Owner) || inner is LoopResult { Owner: var owner } && owner == result.Owner
            || inner is TripLimiter { Owner: var limited } && limited == result.Owner),
        ConditionalResult { Picked: null } result => Around([result, .. Siblings(result)], inner => inner == result.Owner.Condition
            || (inner is ConditionalResult { Owner: var owner } && owner == result.Owner) || !IsNeededOutside(inner, result.Owner)),
        _ => Reads(layer),
    };

    /// <summary>The layers whose outputs a layer needs.</summary>
    private static IEnumerable<CpuLayer> Reads(CpuLayer layer)
    {
        if (layer is ConditionalResult { Picked: { } picked })
        {
            return layer.InputAt(picked)?.Producer is { } producer ? [producer] : [];
        }

        IEnumerable<CpuLayer> producers = layer.Inputs.Select(input => input?.Producer).OfType<CpuLayer>();
        return layer switch
        {
            LoopResult result => producers.Concat(result.Owner.Limits),
            ConditionalResult { Owner.Condition: { } condition } => producers.Append(condition),
            _ => producers,
        };
    }

    private static List<CpuLayer> InOrder(IEnumerable<CpuTensor> outputs)
    {
        HashSet<CpuLayer> entered = [];
        List<CpuLayer> order = [];
        Stack<(CpuLayer Layer, bool InputsAreDone)> work = new();
        foreach (CpuTensor output in outputs)
        {
            work.Push((output.Producer!, false));
            while (work.TryPop(out (CpuLayer Layer, bool InputsAreDone) next))
            {
                if (next.InputsAreDone)
                {
                    order.Add(next.Layer);
                }
                else if (entered.Add(next.Layer))
                {
                    work.Push((next.Layer, true));
                    foreach (CpuLayer producer in Reads(next.Layer))
                    {
                        work.Push((producer, false));
                    }
                }
            }
        }

        // As the user added them, where that is an order too.
        if (order.TrueForAll(layer => layer.Inputs.All(input => input?.Producer is not { } producer || producer.Index < layer.Index)))
        {
            order.Sort((left, right) => left.Index.CompareTo(right.Index));
        }

        return order;
    }

    private static HashSet<CpuLayer> Reachable(IEnumerable<CpuLayer?> starts, Func<CpuLayer, IEnumerable<CpuLayer?>> next)
    {
        HashSet<CpuLayer> found = [];
        Stack<CpuLayer?> work = new(starts);
        while (work.TryPop(out CpuLayer? layer))
        {
            if (layer is not null && found.Add(layer))
            {
                foreach (CpuLayer? other in next(layer))
                {
                    work.Push(other);
                }
            }
        }

        return found;
    }

    /// <summary>The other needed outputs of the same loop or conditional: they are computed together.</summary>
    private IEnumerable<CpuLayer> Siblings(CpuLayer layer)
    {
        IEnumerable<CpuLayer> results = layer switch
        {
            LoopResult result => result.Owner.Results,
            ConditionalResult { Picked: null } result => result.Owner.Results,
            _ => [],
        };
        return results.Where(result => result != layer && needed.Contains(result));
    }

    /// <summary>What is read across the border of a part of the network.</summary>
    private static List<CpuLayer> Around(IEnumerable<CpuLayer> starts, Func<CpuLayer, bool> isInside)
    {
        List<CpuLayer> found = [];
        Reachable(starts, layer =>
        {
            if (isInside(layer))
            {
                return Reads(layer);
            }

            found.Add(layer);
            return [];
        });
        return found;
    }

    private void FindScopes()
    {
        foreach (CpuLayer layer in network.LayerList)
        {
            scopes[layer] = [];
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (CpuLayer layer in network.LayerList)
            {
                HashSet<ControlScope> now = ScopesOf(layer);
                changed |= now.Count != scopes[layer].Count;
                scopes[layer] = now;
            }
        }
    }

    private HashSet<ControlScope> ScopesOf(CpuLayer layer)
    {
        HashSet<ControlScope> result = [];
        Read(layer, result);
        switch (layer)
        {
            case LoopBoundary boundary:
                foreach (CpuLayer other in boundary.Owner.Boundary)
                {
                    Read(other, result);
                }

                _ = layer is LoopResult or TripLimiter ? result.Remove(boundary.Owner) : result.Add(boundary.Owner);
                break;
            case ConditionalBoundary { Owner: var owner }:
                if (owner.Condition is { } condition)
                {
                    Read(condition, result);
                }

                _ = layer is ConditionalInput ? result.Add(owner) : result.Remove(owner);
                break;
        }

        return result;
    }

    private void Read(CpuLayer layer, HashSet<ControlScope> into)
    {
        foreach (CpuTensor? input in layer.Inputs)
        {
            if (input?.Producer is { } producer)
            {
                into.UnionWith(scopes[producer]);
            }
        }
    }
}

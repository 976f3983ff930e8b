using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <content>Which graph a layer is written into, and when.</content>
/// <remarks>
/// Layers are written when something needs them: into the body of the innermost loop whose iterations change what they read, into a branch when nothing
/// else needs them, and otherwise further out. Subgraphs see the values of the graphs around them; constants and weights stay in the main graph.
/// </remarks>
internal sealed partial class Lowering
{
    private readonly ControlFlow flow;
    private readonly List<GraphScope> scopes = [new GraphScope(new GraphProto { Name = "network" }, null)];
    private readonly HashSet<ControlScope> open = [];
    private int current;

    public Lowering(ControlFlow flow) => this.flow = flow;

    public GraphProto Graph => scopes[0].Graph;

    /// <summary>Names of the network's tensors in the main graph, and of the values that they are there.</summary>
    public IEnumerable<(string Tensor, string Value)> TensorValues => scopes[0].Values.Select(pair => (pair.Key.Name, pair.Value.Name));

    /// <summary>The value of a tensor, whose layers are written first if they are not.</summary>
    public OnnxValue Value(CpuTensor tensor)
    {
        if (!TryFind(tensor, out OnnxValue value) && !TryCompute(tensor, out value))
        {
            Require(tensor.Producer!);
            value = TryFind(tensor, out value) ? value
                : throw Refusal.Api($"Tensor {tensor} is used outside of the loop or conditional that it belongs to.");
        }

        return value;
    }

    /// <summary>A tensor of integers that follow from the network's shapes is written as those numbers: a few nodes instead of the layers that led to it.</summary>
    private bool TryCompute(CpuTensor tensor, out OnnxValue value)
    {
        value = default;
        if (tensor.Producer is null or Layers.Constant || !Types.IsInteger(tensor.InferredType) || tensor.Facts is not { Values: { Length: > 0 } values, Dims: var dims }
            || Array.Exists(values, number => number.HasUnknown))
        {
            return false;
        }

        int levelBefore = current;
        current = 0;
        value = Cast(Shape(values), tensor.InferredType);
        if (dims.Length != 1)
        {
            value = Node("Reshape", value.Type, [value, Integers(Array.ConvertAll(dims, dim => dim.Number))]);
        }

        current = levelBefore;
        scopes[0].Values[tensor] = value;
        return true;
    }

    private bool TryFind(CpuTensor tensor, out OnnxValue value)
    {
        for (int level = current; level >= 0; level--)
        {
            if (scopes[level].Values.TryGetValue(tensor, out value))
            {
                return true;
            }

            if (scopes[level].Replays && tensor.Producer is { } producer && flow.IsIn(producer, scopes[level].Owner!))
            {
                break;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Writes a layer and all that it needs; without recursion, as networks may be thousands of layers deep.</summary>
    private void Require(CpuLayer target)
    {
        Stack<(CpuLayer Layer, bool IsReady)> work = new([(target, false)]);
        while (work.TryPop(out (CpuLayer Layer, bool IsReady) next))
        {
            if (next.Layer.Outputs.Count == 0 || TryFind(next.Layer.Outputs[0], out _) || (next.Layer.Outputs.Count == 1 && TryCompute(next.Layer.Outputs[0], out _)))
            {
                continue;
            }

            if (next.IsReady)
            {
                Write(next.Layer);
                continue;
            }

            work.Push((next.Layer, true));
            foreach (CpuLayer before in flow.Before(next.Layer))
            {
                work.Push((before, false));
            }
        }
    }

    private void Write(CpuLayer next)
    {
        (CpuLayer? layerBefore, int levelBefore) = (layer, current);
        layer = next;
        current = LevelOf(next);
        next.Lower(this);
        (layer, current) = (layerBefore, levelBefore);
    }

    private int LevelOf(CpuLayer layer)
    {
        int level = current;
        while (level > 0 && scopes[level].Owner switch
        {
            CpuLoop loop => !flow.IsIn(layer, loop),
            CpuConditional conditional => flow.IsNeededOutside(layer, conditional),
            _ => false,
        })
        {
            level--;
        }

        return level;
    }

    /// <summary>Writes into a scope of its own.</summary>
    private void Within(GraphScope scope, Action write)
    {
        // Scopes beyond the current one belong to a subgraph that waits for what is written now.
        int levelBefore = current;
        GraphScope[] waiting = [.. scopes[(current + 1)..]];
        scopes.RemoveRange(current + 1, waiting.Length);
        scopes.Add(scope);
        current++;
        write();
        current = levelBefore;
        scopes.RemoveRange(current + 1, scopes.Count - current - 1);
        scopes.AddRange(waiting);
    }

    /// <summary>Gives a subgraph a further output.</summary>
    private void Yield(GraphProto graph, OnnxValue value)
    {
        OnnxValue output = new(Name(), value.Type);
        graph.Node.Add(new NodeProto { OpType = "Identity", Name = $"{graph.Name}/{graph.Output.Count}", Input = { value.Name }, Output = { output.Name } });
        graph.Output.Add(Declaration(output, null));
    }
}

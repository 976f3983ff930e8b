using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>If: a conditional, or one branch only when the condition is constant.</summary>
internal static class Conditionals
{
    public static void Register(ImporterTable table) => table.Add("If", If);

    private static ImportedValue?[] If(ImportNode node)
    {
        GraphProto then = node.Graph("then_branch");
        GraphProto otherwise = node.Graph("else_branch");
        if (then.Output.Count != otherwise.Output.Count)
        {
            throw node.Invalid($"The branches of If must have as many outputs as one another; they have {then.Output.Count} and {otherwise.Output.Count}.");
        }

        if (node.Input(0).Constant is { Count: 1 } known)
        {
            return node.Model.ImportSubgraph(known.ToIntegers()[0] != 0 ? then : otherwise, []);
        }

        INetworkDefinition network = node.Network;
        IIfConditional conditional = network.AddIfConditional();
        conditional.Name = node.Name;
        conditional.SetCondition(node.Scalar(node.Tensor(0)));
        Dictionary<string, ITensor> entered = new(StringComparer.Ordinal);
        ITensor[] first = Branch(node, conditional, then, entered);
        ITensor[] second = Branch(node, conditional, otherwise, entered);
        return Array.ConvertAll(Enumerable.Range(0, first.Length).ToArray(), i =>
            (ImportedValue?)new ImportedValue(node.Helper(conditional.AddOutput(first[i], second[i]), node.Name + "_OutputLayer").GetOutput(0)));
    }

    /// <summary>Imports a branch and leads what it reads from outside through input layers, which mark where the branch begins.</summary>
    private static ITensor[] Branch(ImportNode node, IIfConditional conditional, GraphProto graph, Dictionary<string, ITensor> entered)
    {
        INetworkDefinition network = node.Network;
        int before = network.NbLayers;
        ITensor[] results = Array.ConvertAll(node.Model.ImportSubgraph(graph, []), value => node.Tensor(value!));
        ILayer[] layers = [.. Enumerable.Range(before, network.NbLayers - before).Select(network.GetLayer)];
        HashSet<string> own = [.. layers.SelectMany(layer => Enumerable.Range(0, layer.NbOutputs).Select(i => layer.GetOutput(i).Name))];
        own.UnionWith(entered.Values.Select(tensor => tensor.Name));
        foreach (ILayer layer in layers)
        {
            for (int i = 0; i < layer.NbInputs; i++)
            {
                if (layer.GetInput(i) is { } input && !own.Contains(input.Name))
                {
                    layer.SetInput(i, Enter(input));
                }
            }
        }

        return Array.ConvertAll(results, result => own.Contains(result.Name) ? result : Enter(result));

        ITensor Enter(ITensor tensor)
        {
            if (!entered.TryGetValue(tensor.Name, out ITensor? inside))
            {
                inside = node.Helper(conditional.AddInput(tensor), tensor.Name + "_InputLayer").GetOutput(0);
                entered.Add(tensor.Name, inside);
            }

            return inside;
        }
    }
}

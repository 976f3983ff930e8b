using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators that combine two tensors element by element.</summary>
internal static class Elementwise
{
    public static void Register(ImporterTable table)
    {
        table.Add("Add", node => Combine(node, ElementWiseOperation.Sum));
    }

    private static ImportedValue?[] Combine(ImportNode node, ElementWiseOperation operation)
    {
        ITensor first = node.Tensor(0);
        ITensor second = node.Tensor(1);
        node.Broadcast(ref first, ref second);
        return node.Results(node.Network.AddElementWise(first, second, operation));
    }
}

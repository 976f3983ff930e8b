using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Functions of each element that are activation layers.</summary>
internal static class Activations
{
    public static void Register(ImporterTable table)
    {
        table.Add("Relu", node => node.Results(node.Network.AddActivation(node.Tensor(0), ActivationType.Relu)));
    }
}

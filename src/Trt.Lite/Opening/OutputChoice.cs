using Trt.Interop;

namespace Trt.Lite;

/// <summary>Makes certain tensors of a network its outputs.</summary>
internal static class OutputChoice
{
    /// <summary>Leaves only these outputs, in this order.</summary>
    /// <exception cref="ArgumentException">A name is no tensor's; the message names the outputs that there are.</exception>
    public static void Apply(INetworkDefinition network, string[] names)
    {
        List<ITensor> before = [.. Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput)];
        Dictionary<string, ITensor> tensors = before.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        for (int i = 0; i < network.NbLayers && names.Any(name => !tensors.ContainsKey(name)); i++)
        {
            ILayer layer = network.GetLayer(i);
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                tensors.TryAdd(layer.GetOutput(output)!.Name, layer.GetOutput(output)!);
            }
        }

        if (names.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"OutputNodes names \"{unknown}\", which is no tensor of the model; its outputs are {string.Join(", ", before.Select(tensor => tensor.Name))}.");
        }

        if (names.SequenceEqual(before.Select(tensor => tensor.Name)))
        {
            return;
        }

        before.ForEach(network.UnmarkOutput);
        foreach (string name in names)
        {
            network.MarkOutput(tensors[name]);
        }
    }
}

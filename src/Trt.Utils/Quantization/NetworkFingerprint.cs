using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A hash of what a network computes: inputs, layers, how they are connected, weights. Equal for a network that is defined again in the same way.</summary>
internal static class NetworkFingerprint
{
    /// <summary>SHA-256 as 64 hexadecimal digits.</summary>
    /// <param name="network">A network whose shapes can be computed.</param>
    public static string Of(INetworkDefinition network)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Dictionary<ITensor, string> places = [];
        for (int i = 0; i < network.NbInputs; i++)
        {
            ITensor input = network.GetInput(i);
            places[input] = string.Create(CultureInfo.InvariantCulture, $"i{i}");
            Text($"{input.Name} {input.Type} {input.Dimensions}");
        }

        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            for (int output = 0; output < layer.NbOutputs; output++)
            {
                places[layer.GetOutput(output)] = string.Create(CultureInfo.InvariantCulture, $"{i}.{output}");
            }
        }

        for (int i = 0; i < network.NbLayers; i++)
        {
            ILayer layer = network.GetLayer(i);
            IEnumerable<string> inputs = Enumerable.Range(0, layer.NbInputs).Select(layer.GetInput).Select(tensor => tensor is null ? "-" : places.GetValueOrDefault(tensor, "?"));
            IEnumerable<string> outputs = Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput).Select(tensor => $"{tensor.Name} {tensor.Dimensions}");
            Text($"{layer.Type} {layer.Name}|{string.Join(' ', inputs)}|{string.Join(' ', outputs)}");
            foreach (Weights weights in LayerWeights.Of(layer))
            {
                LayerWeights.Read(weights, hash.AppendData);
            }
        }

        for (int i = 0; i < network.NbOutputs; i++)
        {
            Text(places.GetValueOrDefault(network.GetOutput(i), "?"));
        }

        GC.KeepAlive(network);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Text(string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
    }
}

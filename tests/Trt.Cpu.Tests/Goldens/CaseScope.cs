using System.Runtime.InteropServices;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>What the names of a case stand for: network, inputs, results of calls and their outputs, weights.</summary>
internal sealed class CaseScope : IDisposable
{
    private readonly Dictionary<string, object> bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Weights> weights = new(StringComparer.Ordinal);
    private readonly List<GCHandle> pins = [];

    public CaseScope(JsonElement test, INetworkDefinition network, INetworkDefinition other)
    {
        bound["network"] = network;
        bound["other"] = other;
        foreach (JsonProperty entry in test.GetProperty("weights").EnumerateObject())
        {
            DataType type = CaseValues.Enumerator<DataType>(entry.Value.GetProperty("type"));
            byte[] bytes = CaseValues.Bytes(entry.Value, type);
            GCHandle pin = GCHandle.Alloc(bytes.Length == 0 ? new byte[8] : bytes, GCHandleType.Pinned);
            pins.Add(pin);
            weights[entry.Name] = new Weights(type, pin.AddrOfPinnedObject(), entry.Value.GetProperty("count").GetInt64());
        }
    }

    public void Bind(string name, object value) => bound[name] = value;

    public object Find(string name)
    {
        if (bound.TryGetValue(name, out object? known))
        {
            return known;
        }

        int dot = name.LastIndexOf('.');
        return dot > 0 && int.TryParse(name[(dot + 1)..], out int output)
            ? ((ILayer)bound[name[..dot]]).GetOutput(output)
            : throw new KeyNotFoundException($"The case binds nothing to {name}.");
    }

    public ITensor Tensor(string name) => (ITensor)Find(name);

    public Weights Weights(string name) => weights[name];

    public void Dispose() => pins.ForEach(pin => pin.Free());
}

using System.Runtime.InteropServices;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>What the names of a case stand for: network, inputs, results of calls and their outputs, weights.</summary>
internal sealed class CaseScope
{
    private readonly Dictionary<string, object> bound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Weights> weights = new(StringComparer.Ordinal);

    public CaseScope(JsonElement test)
    {
        foreach (JsonProperty entry in test.GetProperty("weights").EnumerateObject())
        {
            DataType type = CaseValues.Enumerator<DataType>(entry.Value.GetProperty("type"));
            byte[] bytes = CaseValues.Bytes(entry.Value, type);

            // The count is the case's, which may be wrong on purpose: a library that believes it must not read foreign memory.
            byte[] pinned = GC.AllocateArray<byte>(Math.Max(bytes.Length, 64) + 64, pinned: true);
            bytes.CopyTo(pinned, 0);

            // Nothing but these weights holds the array: who is given them must.
            weights[entry.Name] = new Weights(type, Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0), entry.Value.GetProperty("count").GetInt64(), pinned);
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
}

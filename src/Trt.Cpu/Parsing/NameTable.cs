using System.Globalization;

namespace Trt.Cpu.Parsing;

/// <summary>Unique names of layers and of tensors; one counter numbers what would be double, as NVIDIA's parser does.</summary>
internal sealed class NameTable
{
    private readonly HashSet<string> layers = new(StringComparer.Ordinal);
    private readonly HashSet<string> tensors = new(StringComparer.Ordinal);
    private long counter;

    public string Layer(string wanted) => Unique(layers, wanted);

    public string Tensor(string wanted) => Unique(tensors, wanted);

    private string Unique(HashSet<string> known, string wanted)
    {
        string name = wanted;
        while (!known.Add(name))
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}_{counter++}");
        }

        return name;
    }
}

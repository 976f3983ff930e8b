using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>An .npz archive of one or more samples: the first has its tensors under their names, the second under <c>NAME@1</c>, and so on.</summary>
internal sealed class SampleFile
{
    private readonly string path;
    private readonly Dictionary<int, Dictionary<string, OnnxTensor>> samples = [];

    private SampleFile(string path) => this.path = path;

    /// <summary>How many samples there are.</summary>
    public int Count => samples.Count == 0 ? 0 : samples.Keys.Max() + 1;

    /// <summary>Reads a file.</summary>
    public static SampleFile Read(string path)
    {
        using TorchStateDict archive = TorchStateDict.Open(path);
        SampleFile file = new(path);
        foreach ((string key, TorchTensor tensor) in archive)
        {
            int at = key.LastIndexOf('@');
            bool numbered = at > 0 && int.TryParse(key.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) && number < archive.Count;
            int sample = numbered ? int.Parse(key.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture) : 0;
            if (!file.samples.TryGetValue(sample, out Dictionary<string, OnnxTensor>? tensors))
            {
                file.samples[sample] = tensors = new Dictionary<string, OnnxTensor>(StringComparer.Ordinal);
            }

            tensors[numbered ? key[..at] : key] = Tensors.ToOnnx(tensor);
        }

        return file;
    }

    /// <summary>Writes samples, one after another.</summary>
    public static void Write(string path, IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples) => TensorFiles.WriteNpz(path, samples.SelectMany((sample, i) => sample.Select(tensor =>
    {
        string name = i == 0 ? tensor.Key : $"{tensor.Key}@{i}";
        return KeyValuePair.Create(name, Tensors.ToTorch(tensor.Value, name));
    })));

    /// <summary>The tensors of a sample by name.</summary>
    /// <exception cref="UserError">There is no such sample.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Sample(int number) => samples.TryGetValue(number, out Dictionary<string, OnnxTensor>? tensors)
        ? tensors
        : throw new UserError($"{path} has {Count} {(Count == 1 ? "sample" : "samples")}, none with the number {number}. Run fewer samples, or save it anew.");
}

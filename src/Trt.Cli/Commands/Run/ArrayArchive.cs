using System.Globalization;
using Trt.Utils;

namespace Trt.Cli.Commands.Run;

/// <summary>Gathers outputs' values for an .npz archive: an array for each output, samples along its first axis.</summary>
/// <param name="stacks">Whether samples get an axis; a model without batch that ran once keeps its outputs' shapes.</param>
internal sealed class ArrayArchive(bool stacks)
{
    private readonly OrderedDictionary<string, List<TorchTensor>> outputs = new(StringComparer.Ordinal);

    public void Add(OutputResult result)
    {
        if (result.Tensor is not { } tensor)
        {
            return;
        }

        if (!outputs.TryGetValue(result.Plan.Name, out List<TorchTensor>? rows))
        {
            outputs.Add(result.Plan.Name, rows = []);
        }

        rows.Add(tensor);
    }

    /// <summary>Writes the archive. Outputs whose samples differ in shape get an array for each sample: <c>NAME/0</c>, <c>NAME/1</c>.</summary>
    public void Write(string path)
    {
        List<KeyValuePair<string, TorchTensor>> arrays = [];
        foreach ((string name, List<TorchTensor> rows) in outputs)
        {
            if (!stacks && rows.Count == 1)
            {
                arrays.Add(KeyValuePair.Create(name, rows[0]));
            }
            else if (rows.All(row => row.Shape.SequenceEqual(rows[0].Shape)))
            {
                arrays.Add(KeyValuePair.Create(name, Stack(rows)));
            }
            else
            {
                arrays.AddRange(rows.Select((row, i) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{name}/{i}"), row)));
            }
        }

        TensorFiles.WriteNpz(path, arrays);
    }

    private static TorchTensor Stack(List<TorchTensor> rows)
    {
        long bytes = rows.Sum(row => row.ByteCount);
        if (bytes > Array.MaxLength)
        {
            throw new UserError($"{rows.Count} samples of {Units.Bytes(rows[0].ByteCount)} are more than fits an array: run fewer at a time.");
        }

        byte[] all = new byte[bytes];
        int at = 0;
        foreach (TorchTensor row in rows)
        {
            row.Bytes.CopyTo(all.AsSpan(at));
            at += (int)row.ByteCount;
        }

        return TorchTensor.FromBytes(all, rows[0].DType, [rows.Count, .. rows[0].Shape]);
    }
}

using System.Globalization;
using System.Text;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>A model in lines of text.</summary>
internal static class OnnxSummary
{
    public static string Of(OnnxModel model)
    {
        ModelProto proto = model.Proto;
        StringBuilder text = new();
        Line($"{model.Source}");
        Line($"graph {Quoted(proto.Graph.Name)}, IR version {proto.IrVersion}, opset {string.Join(", ", model.Opsets.Select(set => set.Key.Length == 0 ? $"{set.Value}" : $"{set.Key} {set.Value}"))}");
        if (proto.ProducerName.Length > 0)
        {
            Line($"written by {proto.ProducerName} {proto.ProducerVersion}".TrimEnd());
        }

        List("inputs", model.Inputs);
        List("outputs", model.Outputs);
        OnnxOpCounts counts = OnnxOpCounts.Of(proto);
        Line($"{counts.Total} nodes");
        foreach ((string op, int count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Line($"  {count,6} {op}");
        }

        double bytes = 0;
        foreach (TensorProto tensor in proto.Graph.Initializer.Where(tensor => ((OnnxElementType)tensor.DataType).BitSize() > 0))
        {
            bytes += model.Contents.Bytes(tensor);
        }

        Line($"{proto.Graph.Initializer.Count} initializers, {bytes:0} bytes");
        List("functions", proto.Functions.Select(function => $"{(function.Domain.Length > 0 ? function.Domain + ":" : "")}{function.Name}"));
        List("metadata", model.Metadata.Select(entry => $"{entry.Key} = {entry.Value}"));
        return text.ToString();

        void Line(string line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).AppendLine();

        void List<T>(string title, IEnumerable<T> items)
        {
            T[] all = [.. items];
            if (all.Length > 0)
            {
                Line(title);
                Array.ForEach(all, item => Line($"  {item}"));
            }
        }
    }

    private static string Quoted(string name) => name.Length == 0 ? "without a name" : $"\"{name}\"";
}

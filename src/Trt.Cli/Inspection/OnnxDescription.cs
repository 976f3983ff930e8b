using System.Globalization;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>Describes ONNX models.</summary>
internal static class OnnxDescription
{
    /// <param name="path">The model.</param>
    /// <param name="parts">Attributes that are tensors, and comparisons of values, need the whole model; anything else its outline.</param>
    /// <param name="owned">Gets the open model.</param>
    public static Description Of(string path, Parts parts, ICollection<IDisposable> owned)
    {
        OnnxModel model = parts.Attributes || parts.Weights ? OnnxModel.Load(path) : OnnxModel.LoadOutline(path);
        owned.Add(model);
        IReadOnlyList<OnnxInitializer> weights = model.Initializers;
        Description description = new(path, "ONNX model") { Values = name => Tensor(model, weights, name) };
        description.Facts.AddRange(
        [
            ("graph", model.GraphName),
            ("written by", $"{model.ProducerName} {model.ProducerVersion}".Trim()),
            ("IR version", model.IrVersion),
            ("opset", string.Join(", ", model.Opsets.Select(set => set.Key.Length == 0 ? $"{set.Value}" : $"{set.Key} {set.Value}"))),
            ("nodes", (long)model.Nodes.Count),
            ("parameters", weights.Sum(weight => Elements(weight))),
            ("weights", Units.Bytes(weights.Sum(weight => Bytes(weight)))),
            ("external data", string.Join(", ", weights.Select(weight => weight.Location).Where(location => location is not null).Distinct())),
        ]);
        description.Facts.AddRange(model.Metadata.Select(entry => (entry.Key, (object?)entry.Value)));
        description.Sections.Add(Tensors("inputs", model.Inputs));
        description.Sections.Add(Tensors("outputs", model.Outputs));
        description.Sections.Add(new Section("operators", ["operator", "#nodes"], [.. model.Nodes.GroupBy(Operator).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new object?[] { group.Key, (long)group.Count() })]));
        if (parts.Layers || parts.Attributes)
        {
            description.Sections.Add(Nodes(model, parts.Attributes));
        }

        if (parts.Weights)
        {
            description.Sections.Add(new Section("initializers", ["name", "type", "shape", "#bytes", "file"], [.. weights.Select(weight => new object?[]
            {
                weight.Name, weight.ElementType.ToString(), weight.Dims, Bytes(weight), weight.Location,
            })]));
        }

        return description;
    }

    private static Section Tensors(string title, IEnumerable<OnnxValueInfo> values) => new(title, ["name", "type", "shape"], [.. values.Select(value => new object?[]
    {
        value.Name,
        value.Kind == OnnxValueKind.Tensor ? value.ElementType.ToString() : value.Kind.ToString(),
        value.Dims.IsDefault ? "unknown" : value.Dims.IsEmpty ? "scalar" : string.Join('x', value.Dims.Select((dim, axis) => dim >= 0 ? dim.ToString(CultureInfo.InvariantCulture)
            : !value.DimNames.IsDefault && axis < value.DimNames.Length && value.DimNames[axis] is { Length: > 0 } symbol ? symbol : "?")),
    })]);

    /// <summary>Nodes by their first output, which no two have in common; names are often missing.</summary>
    private static Section Nodes(OnnxModel model, bool withAttributes) => new(
        "nodes",
        withAttributes ? ["output", "operator", "inputs", "attributes"] : ["output", "operator", "inputs"],
        [.. model.Nodes.Select(node => new object?[]
        {
            string.Join(", ", node.Outputs), Operator(node), string.Join(", ", node.Inputs), withAttributes ? string.Join(", ", node.Attributes.Select(attribute => $"{attribute.Key}={Attribute(attribute.Value)}")) : null,
        }[..(withAttributes ? 4 : 3)])]);

    private static string Operator(OnnxNode node) => node.Domain.Length > 0 ? $"{node.Domain}:{node.OpType}" : node.OpType;

    private static string Attribute(object? value) => value switch
    {
        null => "?",
        float number => Units.Number(number),
        long[] numbers => $"[{string.Join(", ", numbers)}]",
        float[] numbers => $"[{string.Join(", ", numbers.Select(number => Units.Number(number)))}]",
        string[] texts => $"[{string.Join(", ", texts)}]",
        OnnxTensor tensor => tensor.ToString(),
        IReadOnlyList<OnnxNode> body => $"{{{string.Join("; ", body)}}}",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    private static TorchTensor? Tensor(OnnxModel model, IReadOnlyList<OnnxInitializer> weights, string name)
    {
        if (weights.FirstOrDefault(weight => weight.Name == name) is not { } found || found.ElementType is OnnxElementType.String || found.ElementType.BitSize() % 8 != 0)
        {
            return null;
        }

        OnnxTensor tensor = model.GetInitializer(name);
        return TorchTensor.FromBytes(tensor.AsBytes().ToArray(), ElementType.Of(tensor.ElementType, name), [.. tensor.Dims]);
    }

    private static long Elements(OnnxInitializer weight) => weight.Dims.Aggregate(1L, (product, extent) => extent < 0 || product > long.MaxValue / Math.Max(extent, 1) ? 0 : product * extent);

    private static long Bytes(OnnxInitializer weight) => (Elements(weight) / 8 * weight.ElementType.BitSize()) + (((Elements(weight) % 8 * weight.ElementType.BitSize()) + 7) / 8);
}

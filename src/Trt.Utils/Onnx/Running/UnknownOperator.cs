using System.Text.RegularExpressions;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Which nodes ONNX Runtime means when it says that it has no operator.</summary>
internal static partial class UnknownOperator
{
    /// <summary>Whether a message says so, or that a plugin of TensorRT has other inputs or attributes than those that ONNX Runtime knows by its name.</summary>
    public static bool Is(string message) => Phrases().IsMatch(message) || PluginPhrases().IsMatch(message);

    /// <summary>The nodes whose operator or name the message has; all of an operator, since the others would be named next.</summary>
    public static NodeProto[] Find(string message, IReadOnlyList<NodeProto> nodes)
    {
        HashSet<string> words = new(Words().Matches(message).Select(match => match.Value), StringComparer.Ordinal);
        NodeProto[] byName = [.. nodes.Where(node => node.Name.Length > 0 && message.Contains($"'{node.Name}'", StringComparison.Ordinal))];
        IEnumerable<string> ops = byName.Length > 0 ? byName.Select(node => node.OpType) : words;
        string? op = nodes.Select(node => node.OpType).Where(type => type.Length > 0 && ops.Contains(type)).MaxBy(type => type.Length);
        return op is null ? byName : [.. nodes.Where(node => node.OpType == op || ModelTensors.Bodies(node).SelectMany(ModelTensors.Graphs).SelectMany(graph => graph.Node).Any(inner => inner.OpType == op))];
    }

    [GeneratedRegex("not a registered function/op|could not find an implementation|no op registered|no opset import for domain|is not implemented|schema.*not found|NOT_IMPLEMENTED", RegexOptions.IgnoreCase)]
    private static partial Regex Phrases();

    [GeneratedRegex(@"_TRT\b[\s\S]*(attribute|not in range)")]
    private static partial Regex PluginPhrases();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();
}

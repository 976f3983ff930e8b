using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Operators whose results are drawn by lot.</summary>
internal static class RandomOps
{
    private static readonly HashSet<string> Names = ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"];

    /// <summary>Whether a node, or one inside of it, draws lots; one that may do so counts.</summary>
    public static bool Draws(NodeProto node) =>
        (node.IsStandard() && (Names.Contains(node.OpType) || (node.OpType == "Dropout" && node.InputAt(2) is not null)))
        || ModelTensors.Bodies(node).Any(body => body.Node.Any(Draws));
}

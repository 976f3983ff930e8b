using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Operators of later versions written with those of earlier ones.</summary>
internal static class OpsetDecompositions
{
    /// <summary>x·Φ(x), by the error function or its approximation by tanh.</summary>
    public static void Gelu(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Target >= 20)
        {
            return;
        }

        OnnxElementType type = ElementType(to, graph, node);
        string x = node.Input[0], inner;
        if (node.Text("approximate", "none") == "tanh")
        {
            string cube = to.Add(graph, node, "Mul", [x, to.Add(graph, node, "Mul", [x, x])]);
            string sum = to.Add(graph, node, "Add", [x, to.Add(graph, node, "Mul", [cube, Number(graph, node, type, 0.044715)])]);
            inner = to.Add(graph, node, "Tanh", [to.Add(graph, node, "Mul", [sum, Number(graph, node, type, Math.Sqrt(2 / Math.PI))])]);
        }
        else
        {
            inner = to.Add(graph, node, "Erf", [to.Add(graph, node, "Div", [x, Number(graph, node, type, Math.Sqrt(2))])]);
        }

        string half = to.Add(graph, node, "Mul", [x, Number(graph, node, type, 0.5)]);
        to.Replace(graph, node, "Mul", [half, to.Add(graph, node, "Add", [inner, Number(graph, node, type, 1)])]);
    }

    /// <summary>x · max(0, min(1, x/6 + ½)).</summary>
    public static void HardSwish(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Target < 14)
        {
            to.Replace(graph, node, "Mul", [node.Input[0], to.Add(graph, node, "HardSigmoid", [node.Input[0]], ("alpha", 1f / 6), ("beta", 0.5f))]);
        }
    }

    /// <summary>a ≥ b is a &gt; b or a = b, which are both false for what is no number.</summary>
    public static void OrEqual(OpsetConversion to, EditableGraph graph, NodeProto node, string strict)
    {
        if (to.Target < 12)
        {
            string[] both = [.. node.Input];
            to.Replace(graph, node, "Or", [to.Add(graph, node, strict, both), to.Add(graph, node, "Equal", both)]);
        }
    }

    /// <summary>Before version 12 Max and Min did not take integers.</summary>
    public static void Greatest(OpsetConversion to, EditableGraph graph, NodeProto node, string comparison)
    {
        if (to.Target >= 12 || graph.TypeOf(node.InputAt(0)) is not { Element: OnnxElementType.Int64 or OnnxElementType.Int32 })
        {
            return;
        }

        if (node.Input.Count == 1)
        {
            to.Replace(graph, node, "Identity", [node.Input[0]]);
            return;
        }

        string best = node.Input[0];
        for (int i = 1; i < node.Input.Count - 1; i++)
        {
            best = to.Add(graph, node, "Where", [to.Add(graph, node, comparison, [best, node.Input[i]]), best, node.Input[i]]);
        }

        to.Replace(graph, node, "Where", [to.Add(graph, node, comparison, [best, node.Input[^1]]), best, node.Input[^1]]);
    }

    /// <summary>(x − mean) / √(mean of squares + ε) · scale + shift, over the axis and all behind it.</summary>
    public static void LayerNormalization(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Target >= 17)
        {
            return;
        }

        if (node.Output.Skip(1).Any(graph.IsUsed))
        {
            throw to.Refuse(node, "the operator came with version 17, and its further outputs are read");
        }

        OnnxElementType type = ElementType(to, graph, node);
        if (type is not (OnnxElementType.Float or OnnxElementType.Double))
        {
            throw to.Refuse(node, $"the operator came with version 17, and computes {type} in higher precision than other operators would");
        }

        string x = node.Input[0];
        long axis = node.Int("axis", -1);
        long[] axes = axis == -1 ? [-1]
            : graph.RankOf(x) is { } rank && PassAxes.FromFront(axis, rank) is { } front ? [.. Enumerable.Range((int)front, rank - (int)front).Select(i => (long)i)]
            : throw to.Refuse(node, "the operator came with version 17, and the number of axes is not known");
        string centred = to.Add(graph, node, "Sub", [x, to.Add(graph, node, "ReduceMean", [x], ("axes", axes))]);
        string variance = to.Add(graph, node, "ReduceMean", [to.Add(graph, node, "Mul", [centred, centred])], ("axes", axes));
        string deviation = to.Add(graph, node, "Sqrt", [to.Add(graph, node, "Add", [variance, Number(graph, node, type, node.Float("epsilon", 1e-5f))])]);
        string scaled = to.Add(graph, node, "Div", [centred, deviation]);
        string? shift = node.InputAt(2);
        if (shift is null)
        {
            to.Replace(graph, node, "Mul", [scaled, node.Input[1]]);
        }
        else
        {
            to.Replace(graph, node, "Add", [to.Add(graph, node, "Mul", [scaled, node.Input[1]]), shift]);
        }
    }

    private static OnnxElementType ElementType(OpsetConversion to, EditableGraph graph, NodeProto node) =>
        graph.TypeOf(node.InputAt(0)) is { Element: var type } && FloatNumbers.Supports(type) ? type : throw to.Refuse(node, "its element type is not known");

    private static string Number(EditableGraph graph, NodeProto node, OnnxElementType type, double value) => graph.AddInitializer($"{node.Output[0]}_number", FloatNumbers.Scalar(type, value));
}

using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Operators whose nodes differ between versions 11 and 23.</summary>
internal static class OpsetRules
{
    private static readonly Dictionary<string, Action<OpsetConversion, EditableGraph, NodeProto>> Rules = new(StringComparer.Ordinal)
    {
        ["ArgMax"] = (to, _, node) => DropDefault(to, node, 12, "select_last_index", 0),
        ["ArgMin"] = (to, _, node) => DropDefault(to, node, 12, "select_last_index", 0),
        ["AveragePool"] = AveragePool,
        ["BatchNormalization"] = BatchNormalization,
        ["Cast"] = (to, _, node) => DropDefault(to, node, 19, "saturate", 1),
        ["DequantizeLinear"] = QuantizeLinear,
        ["Dropout"] = Dropout,
        ["GatherND"] = (to, _, node) => DropDefault(to, node, 12, "batch_dims", 0),
        ["Gelu"] = OpsetDecompositions.Gelu,
        ["GreaterOrEqual"] = (to, graph, node) => OpsetDecompositions.OrEqual(to, graph, node, "Greater"),
        ["GridSample"] = GridSample,
        ["GRU"] = (to, _, node) => DropDefault(to, node, 14, "layout", 0),
        ["HardSwish"] = OpsetDecompositions.HardSwish,
        ["Hardmax"] = OpsetRewrites.Softmax,
        ["LayerNormalization"] = OpsetDecompositions.LayerNormalization,
        ["LessOrEqual"] = (to, graph, node) => OpsetDecompositions.OrEqual(to, graph, node, "Less"),
        ["LogSoftmax"] = OpsetRewrites.Softmax,
        ["LSTM"] = (to, _, node) => DropDefault(to, node, 14, "layout", 0),
        ["Max"] = (to, graph, node) => OpsetDecompositions.Greatest(to, graph, node, "Greater"),
        ["Min"] = (to, graph, node) => OpsetDecompositions.Greatest(to, graph, node, "Less"),
        ["Pad"] = OpsetRewrites.Pad,
        ["QuantizeLinear"] = QuantizeLinear,
        ["ReduceSum"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["Reshape"] = Reshape,
        ["Resize"] = OpsetRewrites.Resize,
        ["RNN"] = (to, _, node) => DropDefault(to, node, 14, "layout", 0),
        ["RoiAlign"] = RoiAlign,
        ["ScatterElements"] = Scatter,
        ["ScatterND"] = Scatter,
        ["Shape"] = OpsetRewrites.Shape,
        ["Softmax"] = OpsetRewrites.Softmax,
        ["Split"] = OpsetRewrites.Split,
        ["Squeeze"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["Unsqueeze"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["ReduceL1"] = Reduce, ["ReduceL2"] = Reduce, ["ReduceLogSum"] = Reduce, ["ReduceLogSumExp"] = Reduce, ["ReduceMax"] = Reduce, ["ReduceMean"] = Reduce, ["ReduceMin"] = Reduce, ["ReduceProd"] = Reduce, ["ReduceSumSquare"] = Reduce,
    };

    public static Action<OpsetConversion, EditableGraph, NodeProto>? Find(string op) => Rules.GetValueOrDefault(op);

    private static void Reduce(OpsetConversion to, EditableGraph graph, NodeProto node) => Axes(to, graph, node, 18);

    /// <summary>An attribute that came with a version and means nothing new at its default.</summary>
    public static void DropDefault(OpsetConversion to, NodeProto node, int version, string attribute, long usual)
    {
        if (to.Leaves(version))
        {
            if (node.Int(attribute, usual) != usual)
            {
                throw to.Refuse(node, $"its attribute {attribute} came with version {version}");
            }

            node.Unset(attribute);
        }
    }

    /// <summary>Axes that became an input.</summary>
    private static void Axes(OpsetConversion to, EditableGraph graph, NodeProto node, int version)
    {
        if (to.Leaves(version))
        {
            if (!PassAxes.TryGet(graph, node, out long[]? axes))
            {
                throw to.Refuse(node, "its axes are computed");
            }

            if (axes is null or [] && node.Int("noop_with_empty_axes", 0) != 0)
            {
                to.Replace(graph, node, "Identity", [node.Input[0]]);
                return;
            }

            graph.SetInputs(node, [node.Input[0]]);
            node.Unset("noop_with_empty_axes");
            if (axes is { Length: > 0 })
            {
                node.Set("axes", axes);
            }
        }
        else if (to.Reaches(version) && node.Ints("axes") is { } axes)
        {
            node.Unset("axes");
            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_axes", OnnxTensor.From(axes)));
        }
    }

    private static void AveragePool(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Leaves(19))
        {
            if (node.Ints("dilations") is { } dilations && dilations.Any(step => step != 1))
            {
                throw to.Refuse(node, "its attribute dilations came with version 19");
            }

            node.Unset("dilations");
        }
    }

    private static void BatchNormalization(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if ((to.Leaves(14) || to.Reaches(14)) && node.Output.Skip(1).Any(graph.IsUsed))
        {
            throw to.Refuse(node, "its outputs of a training differ between the versions");
        }

        DropDefault(to, node, 14, "training_mode", 0);
    }

    private static void Dropout(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Leaves(12))
        {
            if (node.InputAt(2) is { } mode && graph.Integers(mode) is not [0])
            {
                throw to.Refuse(node, "it trains");
            }

            float ratio = graph.Constant(node.InputAt(1)) is { ElementType: OnnxElementType.Float, ElementCount: 1 } constant ? constant.ToArray<float>()[0] : 0.5f;
            graph.SetInputs(node, [node.Input[0]]);
            node.Unset("seed");
            node.Set("ratio", ratio);
        }
        else if (to.Reaches(12) && node.Attribute("ratio") is { } ratio)
        {
            float value = ratio.F;
            node.Unset("ratio");
            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_ratio", OnnxTensor.Scalar(value)));
        }
    }

    private static void GridSample(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Target < 16)
        {
            throw to.Refuse(node, "the operator came with version 16");
        }

        string mode = node.Text("mode", to.Source >= 20 ? "linear" : "bilinear");
        if (to.Leaves(20))
        {
            if (graph.RankOf(node.InputAt(0)) is not 4)
            {
                throw to.Refuse(node, "before version 20 it samples pictures only, and it is not known that this is one");
            }

            node.Set("mode", mode switch { "linear" => "bilinear", "cubic" => "bicubic", _ => mode });
        }
        else if (to.Reaches(20))
        {
            node.Set("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
        }
    }

    private static void QuantizeLinear(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        DropDefault(to, node, 23, "precision", 0);
        DropDefault(to, node, 21, "block_size", 0);
        DropDefault(to, node, 21, "output_dtype", 0);
        DropDefault(to, node, 19, "saturate", 1);
        if (to.Leaves(13))
        {
            if (graph.TypeOf(node.InputAt(1)) is not { Dims: { IsDefault: false, Length: 0 } })
            {
                throw to.Refuse(node, "scales for each channel came with version 13");
            }

            node.Unset("axis");
        }
    }

    private static void Reshape(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Leaves(14))
        {
            // A computed shape has a 0 only for tensors without elements; in a constant it is meant.
            if (node.Int("allowzero", 0) != 0 && graph.Integers(node.InputAt(1)) is { } shape && shape.Contains(0))
            {
                throw to.Refuse(node, "its attribute allowzero came with version 14");
            }

            node.Unset("allowzero");
        }
    }

    private static void RoiAlign(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Leaves(16))
        {
            if (node.Text("coordinate_transformation_mode", "half_pixel") != "output_half_pixel")
            {
                throw to.Refuse(node, "before version 16 it takes coordinates in another way");
            }

            node.Unset("coordinate_transformation_mode");
        }
        else if (to.Reaches(16))
        {
            node.Set("coordinate_transformation_mode", "output_half_pixel");
        }
    }

    private static void Scatter(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        string reduction = node.Text("reduction", "none");
        int since = reduction switch { "none" => 11, "add" or "mul" => 16, _ => 18 };
        if (to.Target < since)
        {
            throw to.Refuse(node, $"the reduction {reduction} came with version {since}");
        }

        if (to.Leaves(16))
        {
            node.Unset("reduction");
        }
    }
}

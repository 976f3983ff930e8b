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
        ["Hardmax"] = Softmax,
        ["LayerNormalization"] = OpsetDecompositions.LayerNormalization,
        ["LessOrEqual"] = (to, graph, node) => OpsetDecompositions.OrEqual(to, graph, node, "Less"),
        ["LogSoftmax"] = Softmax,
        ["LSTM"] = (to, _, node) => DropDefault(to, node, 14, "layout", 0),
        ["Max"] = (to, graph, node) => OpsetDecompositions.Greatest(to, graph, node, "Greater"),
        ["Min"] = (to, graph, node) => OpsetDecompositions.Greatest(to, graph, node, "Less"),
        ["Pad"] = Pad,
        ["QuantizeLinear"] = QuantizeLinear,
        ["ReduceSum"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["Reshape"] = Reshape,
        ["Resize"] = Resize,
        ["RNN"] = (to, _, node) => DropDefault(to, node, 14, "layout", 0),
        ["RoiAlign"] = RoiAlign,
        ["ScatterElements"] = Scatter,
        ["ScatterND"] = Scatter,
        ["Shape"] = Shape,
        ["Softmax"] = Softmax,
        ["Split"] = Split,
        ["Squeeze"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["Unsqueeze"] = (to, graph, node) => Axes(to, graph, node, 13),
        ["ReduceL1"] = Reduce, ["ReduceL2"] = Reduce, ["ReduceLogSum"] = Reduce, ["ReduceLogSumExp"] = Reduce, ["ReduceMax"] = Reduce, ["ReduceMean"] = Reduce, ["ReduceMin"] = Reduce, ["ReduceProd"] = Reduce, ["ReduceSumSquare"] = Reduce,
    };

    public static Action<OpsetConversion, EditableGraph, NodeProto>? Find(string op) => Rules.GetValueOrDefault(op);

    private static void Reduce(OpsetConversion to, EditableGraph graph, NodeProto node) => Axes(to, graph, node, 18);

    /// <summary>An attribute that came with a version and means nothing new at its default.</summary>
    private static void DropDefault(OpsetConversion to, NodeProto node, int version, string attribute, long usual)
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

    /// <summary>Before version 13 the values along the axis and all axes behind it were taken together.</summary>
    private static void Softmax(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (!to.Leaves(13) && !to.Reaches(13))
        {
            return;
        }

        long axis = node.Int("axis", to.Source >= 13 ? -1 : 1);
        int? rank = graph.RankOf(node.InputAt(0));
        if (axis == -1 || (rank is { } known && PassAxes.FromFront(axis, known) == known - 1))
        {
            node.Set("axis", -1);
            return;
        }

        if (rank is not { } all || PassAxes.FromFront(axis, rank) is not { } front || to.Reaches(13))
        {
            throw to.Refuse(node, "its axis is not the last, or the number of axes is not known");
        }

        long[] exchanged = [.. Enumerable.Range(0, all).Select(i => i == front ? all - 1L : i == all - 1 ? front : i)];
        string turned = to.Add(graph, node, "Transpose", [node.Input[0]], ("perm", exchanged));
        string result = to.Add(graph, node, node.OpType, [turned], ("axis", -1L));
        to.Replace(graph, node, "Transpose", [result], ("perm", exchanged));
    }

    private static void Pad(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (to.Leaves(19) && node.Text("mode", "constant") == "wrap")
        {
            throw to.Refuse(node, "the mode wrap came with version 19");
        }

        if (to.Leaves(18) && node.InputAt(3) is { } input)
        {
            if (graph.Integers(input) is not { } axes || graph.Integers(node.InputAt(1)) is not { } pads || graph.RankOf(node.InputAt(0)) is not { } rank || pads.Length != 2 * axes.Length)
            {
                throw to.Refuse(node, "its axes or the number of axes are not known");
            }

            long[] all = new long[2 * rank];
            for (int i = 0; i < axes.Length; i++)
            {
                int axis = (int)(PassAxes.FromFront(axes[i], rank) is { } front && front < rank ? front : throw to.Refuse(node, "an axis is out of range"));
                all[axis] = pads[i];
                all[rank + axis] = pads[axes.Length + i];
            }

            graph.SetInputs(node, node.Input.Take(3));
            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_pads", OnnxTensor.From(all)));
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

    private static void Resize(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        DropDefault(to, node, 18, "antialias", 0);
        if (to.Leaves(18))
        {
            if (node.Ints("axes") is not null || node.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
            {
                throw to.Refuse(node, "its attributes axes and keep_aspect_ratio_policy came with version 18");
            }

            node.Unset("keep_aspect_ratio_policy");
        }

        if (to.Leaves(19) && node.Text("coordinate_transformation_mode", "half_pixel") == "half_pixel_symmetric")
        {
            throw to.Refuse(node, "the mode half_pixel_symmetric came with version 19");
        }

        // Before version 13 roi and scales had to be there, without elements where they are not used.
        if (to.Leaves(13))
        {
            for (int input = 1; input <= 2; input++)
            {
                if (node.InputAt(input) is null)
                {
                    graph.SetInput(node, input, graph.AddInitializer($"{node.Output[0]}_none", OnnxTensor.From(Array.Empty<float>())));
                }
            }
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

    private static void Shape(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        if (!to.Leaves(15) || (node.Attribute("start") is null && node.Attribute("end") is null))
        {
            return;
        }

        string shape = to.Add(graph, node, "Shape", [node.Input[0]]);
        string start = graph.AddInitializer($"{node.Output[0]}_start", OnnxTensor.From([node.Int("start", 0)]));
        string end = graph.AddInitializer($"{node.Output[0]}_end", OnnxTensor.From([node.Int("end", long.MaxValue)]));
        to.Replace(graph, node, "Slice", [shape, start, end]);
    }

    private static void Split(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        long[]? sizes = node.Ints("split") ?? graph.Integers(node.InputAt(1));
        if (node.InputAt(1) is not null && sizes is null && to.Leaves(13))
        {
            throw to.Refuse(node, "its sizes are computed");
        }

        if (to.Leaves(18) && node.Attribute("num_outputs") is not null && sizes is null)
        {
            // Before version 18 parts without sizes were equal; from then on the last may be smaller.
            sizes = EvenParts(graph, node) ?? throw to.Refuse(node, "it is not known that its parts are equal");
            node.Unset("num_outputs");
        }

        if (to.Leaves(13))
        {
            graph.SetInputs(node, [node.Input[0]]);
            if (sizes is not null)
            {
                node.Set("split", sizes);
            }
        }
        else if (sizes is not null && node.InputAt(1) is null && to.Target >= 13)
        {
            node.Unset("split");
            graph.SetInput(node, 1, graph.AddInitializer($"{node.Output[0]}_sizes", OnnxTensor.From(sizes)));
        }

        if (to.Reaches(18) && node.InputAt(1) is null)
        {
            node.Set("num_outputs", node.Output.Count);
        }
    }

    private static long[]? EvenParts(EditableGraph graph, NodeProto node)
    {
        long count = node.Int("num_outputs", node.Output.Count);
        if (graph.TypeOf(node.InputAt(0)) is not { Dims: { IsDefault: false } dims } || PassAxes.FromFront(node.Int("axis", 0), dims.Length) is not { } axis || axis >= dims.Length || !dims[(int)axis].IsKnown
            || count < 1 || count != node.Output.Count)
        {
            return null;
        }

        long whole = dims[(int)axis].Value, part = (whole + count - 1) / count;
        return [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(whole - (i * part), 0, part))];
    }
}

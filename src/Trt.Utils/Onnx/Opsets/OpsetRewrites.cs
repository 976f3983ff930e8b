using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Operators whose inputs or meaning changed between versions.</summary>
internal static class OpsetRewrites
{
    /// <summary>Before version 13 the values along the axis and all axes behind it were taken together.</summary>
    public static void Softmax(OpsetConversion to, EditableGraph graph, NodeProto node)
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

    public static void Pad(OpsetConversion to, EditableGraph graph, NodeProto node)
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

    public static void Resize(OpsetConversion to, EditableGraph graph, NodeProto node)
    {
        OpsetRules.DropDefault(to, node, 18, "antialias", 0);
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

    public static void Shape(OpsetConversion to, EditableGraph graph, NodeProto node)
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

    public static void Split(OpsetConversion to, EditableGraph graph, NodeProto node)
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

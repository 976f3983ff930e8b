using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators that move elements or change shapes and compute nothing.</summary>
internal static class Rearrangements
{
    public static void Register(ImporterTable table)
    {
        table.Add("Concat", Concatenate);
        table.Add("DepthToSpace", DepthToSpace);
        table.Add("Expand", Expand);
        table.Add("Flatten", Flatten);
        table.Add("Reshape", Reshape);
        table.Add("SpaceToDepth", SpaceToDepth);
        table.Add("Split", Split);
        table.Add("Squeeze", Squeeze);
        table.Add("Tile", Tile);
        table.Add("Transpose", Transpose);
        table.Add("Unsqueeze", Unsqueeze);
    }

    private static ITensor Concatenate(ImportNode node)
    {
        ITensor[] tensors = [.. Enumerable.Range(0, node.InputCount).Select(node.Tensor)];
        return node.Concatenate(node.Axis(node.Int("axis"), node.Rank(tensors[0])), tensors);
    }

    private static ITensor DepthToSpace(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        long block = node.Int("blocksize");
        bool depthFirst = node.Text("mode", "DCR") != "CRD";
        (ShapeValues batch, ShapeValues channels, ShapeValues height, ShapeValues width) = Image(node, x);
        ShapeValues size = ShapeValues.Vector(block);
        ShapeValues groups = ShapeValues.Divide(node, channels, ShapeValues.Vector(block * block));
        IShuffleLayer layer = depthFirst
            ? Join(node, batch, size, size, groups, height, width).Shuffle(node, x)
            : Join(node, batch, groups, size, size, height, width).Shuffle(node, x);
        layer.SecondTranspose = depthFirst ? NodeLayers.Order(0, 3, 4, 1, 5, 2) : NodeLayers.Order(0, 1, 4, 2, 5, 3);
        ITensor split = node.Out(layer);
        return node.Out(Join(node, batch, groups, ShapeValues.Multiply(node, height, size), ShapeValues.Multiply(node, width, size)).Shuffle(node, split));
    }

    private static ITensor SpaceToDepth(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        long block = node.Int("blocksize");
        (ShapeValues batch, ShapeValues channels, ShapeValues height, ShapeValues width) = Image(node, x);
        ShapeValues size = ShapeValues.Vector(block);
        ShapeValues rows = ShapeValues.Divide(node, height, size);
        ShapeValues columns = ShapeValues.Divide(node, width, size);
        IShuffleLayer layer = Join(node, batch, channels, rows, size, columns, size).Shuffle(node, x);
        layer.SecondTranspose = node.Text("mode", "DCR") == "CRD" ? NodeLayers.Order(0, 1, 3, 5, 2, 4) : NodeLayers.Order(0, 3, 5, 1, 2, 4);
        ITensor split = node.Out(layer);
        return node.Out(Join(node, batch, ShapeValues.Multiply(node, channels, ShapeValues.Vector(block * block)), rows, columns).Shuffle(node, split));
    }

    private static (ShapeValues Batch, ShapeValues Channels, ShapeValues Height, ShapeValues Width) Image(ImportNode node, ITensor x)
    {
        if (node.Rank(x) != 4)
        {
            throw node.Unsupported($"{node.Operator} takes an input of four dimensions, not {node.Rank(x)}.");
        }

        ShapeValues shape = ShapeValues.Of(node, x);
        return (shape.Pick(node, 0), shape.Pick(node, 1), shape.Pick(node, 2), shape.Pick(node, 3));
    }

    private static ShapeValues Join(ImportNode node, params ReadOnlySpan<ShapeValues> parts)
    {
        ShapeValues result = parts[0];
        foreach (ShapeValues part in parts[1..])
        {
            result = ShapeValues.Concatenate(node, result, part);
        }

        return result;
    }

    private static ITensor Expand(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        ShapeValues wanted = ShapeValues.From(node, 1);
        ShapeValues own = ShapeValues.Of(node, x);
        if (wanted.Count < 0)
        {
            throw node.Invalid("The rank that Expand makes must be known: its shape input needs a fixed number of elements.");
        }

        int rank = Math.Max(own.Count, wanted.Count);
        own = ShapeValues.Concatenate(node, ShapeValues.Vector([.. Enumerable.Repeat(1L, rank - own.Count)]), own);
        wanted = ShapeValues.Concatenate(node, ShapeValues.Vector([.. Enumerable.Repeat(1L, rank - wanted.Count)]), wanted);
        x = own.Reshape(node, x);

        // An extent of 1 is read again and again: its stride is 0.
        ShapeValues one = ShapeValues.Vector(1);
        ShapeValues strides = ShapeValues.Min(node, one, ShapeValues.Subtract(node, own, one));
        return node.Out(ShapeValues.Slice(node, x, own.Similar(node, 0), ShapeValues.Broadcast(node, own, wanted), strides));
    }

    private static ITensor Flatten(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        long axis = node.Int("axis", 1);
        int place = (int)(axis < 0 ? axis + rank : axis);
        if (place < 0 || place > rank)
        {
            throw node.Unsupported($"Axis {axis} of Flatten is not in [-{rank}, {rank}].");
        }

        ShapeValues shape = ShapeValues.Of(node, x);
        ShapeValues flat = ShapeValues.Concatenate(node, shape.Product(node, 0, place), shape.Product(node, place, rank));
        return flat.IsKnown && flat.Parameter == x.Dimensions ? node.Identity(x) : node.Out(flat.Shuffle(node, x));
    }

    private static ITensor Reshape(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ShapeValues shape = node.Opset >= 5 ? ShapeValues.From(node, 1) : ShapeValues.Vector(node.Ints("shape") ?? []);
        if (node.Opset >= 5 && node.IsConstant(1) && node.Integers(1).Any(extent => extent > int.MaxValue))
        {
            throw new OverflowException($"Extents [{string.Join(", ", node.Integers(1))}] are more than a reshape can have.");
        }

        return node.Out(node.Helper(shape.Shuffle(node, x, node.Int("allowzero", 0) == 0), "ONNXTRT_ShapeShuffle"));
    }

    private static ITensor[] Split(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        int axis = node.Axis(node.Int("axis", 0), rank);
        int count = node.OutputCount;
        ShapeValues shape = ShapeValues.Of(node, x);
        ShapeValues? parts = node.Has(1) ? ShapeValues.From(node, 1) : node.Ints("split") is { } given ? ShapeValues.Vector(given) : null;
        if (parts is not null && parts.Count != count)
        {
            throw node.Invalid($"Split has {count} outputs but sizes for {parts.Count}.");
        }

        if (parts is not null && node.HasAttribute("num_outputs"))
        {
            throw node.Invalid("Split takes its sizes as an input or their number as an attribute, not both.");
        }

        if (parts is null && node.Int("num_outputs", count) != count)
        {
            throw node.Invalid($"num_outputs is {node.Int("num_outputs", count)} but the node has {count} outputs.");
        }

        ShapeValues length = shape.Pick(node, axis);
        ShapeValues number = ShapeValues.Vector(count);
        ShapeValues equal = parts is not null ? number : ShapeValues.Divide(node, ShapeValues.Add(node, length, ShapeValues.Vector(count - 1)), number);
        ShapeValues zeros = shape.Similar(node, 0);
        ShapeValues places = ShapeValues.Vector([.. Enumerable.Range(0, rank).Select(place => (long)(place == axis ? rank : place))]);
        ShapeValues start = ShapeValues.Vector(0);
        ShapeValues size = start;
        ITensor[] results = new ITensor[count];
        for (int i = 0; i < count; i++)
        {
            start = ShapeValues.Add(node, start, size);
            ShapeValues starts = i == 0 ? zeros : zeros.Interlaced(node, start, places);
            size = parts?.Pick(node, i)
                ?? (i < count - 1 ? equal : ShapeValues.Subtract(node, length, ShapeValues.Multiply(node, equal, ShapeValues.Vector(count - 1))));
            if (size[0] < 0)
            {
                throw node.Invalid($"Part {i} of Split would have the negative length {size[0]}.");
            }

            results[i] = node.Out(ShapeValues.Slice(node, x, starts, shape.Interlaced(node, size, places), shape.Similar(node, 1)));
        }

        return results;
    }

    private static ITensor Squeeze(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        if (node.Has(1))
        {
            return node.Out(node.Network.AddSqueeze(x, Axes(node)));
        }

        long[] axes = node.Ints("axes") ?? [];
        if (axes.Length == 0)
        {
            Dims dims = x.Dimensions;
            if (!dims.IsStatic)
            {
                throw node.Unsupported("Squeeze without axes needs an input whose extents are all known.", OnnxCode.UnsupportedNodeDynamic);
            }

            axes = [.. Enumerable.Range(0, dims.NbDims).Where(axis => dims[axis] == 1).Select(axis => (long)axis)];
        }

        return node.Out(node.Network.AddSqueeze(x, node.Int64s(axes)));
    }

    /// <summary>The axes of input 1 as a vector, also where a single one is given without dimensions.</summary>
    private static ITensor Axes(ImportNode node) =>
        node.Rank(1) > 0 ? node.Tensor(1)
        : node.IsConstant(1) ? node.Tensor(node.Constant(1).Reshaped([1]))
        : node.Reshape(node.Tensor(1), [1]);

    private static ITensor Unsqueeze(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ITensor axes = node.Opset >= 13 ? Axes(node) : node.Int64s(node.Ints("axes") ?? throw node.Invalid("Unsqueeze lacks its axes."));
        return node.Out(node.Network.AddUnsqueeze(x, axes));
    }

    private static ITensor Tile(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        ITensor x = node.Tensor(0);
        ShapeValues shape = ShapeValues.Of(node, x);
        ShapeValues sizes = ShapeValues.Multiply(node, shape, ShapeValues.From(node, 1));
        ISliceLayer layer = (ISliceLayer)ShapeValues.Slice(node, x, shape.Similar(node, 0), sizes, shape.Similar(node, 1));
        layer.Mode = SampleMode.Wrap;
        return node.Out(layer);
    }

    private static ITensor Transpose(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        int rank = node.Rank(x);
        long[] order = node.Ints("perm") ?? [.. Enumerable.Range(0, rank).Select(axis => (long)(rank - 1 - axis))];

        // Axes that perm does not name stay where they are; the network refuses what is no order of the axes.
        IShuffleLayer layer = node.Network.AddShuffle(x);
        layer.FirstTranspose = NodeLayers.Order(Array.ConvertAll(order, int.CreateSaturating));
        return node.Out(layer);
    }
}

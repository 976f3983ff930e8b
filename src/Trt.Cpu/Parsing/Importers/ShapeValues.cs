using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>The numbers of a shape: each known while parsing, or computed by layers in the network.</summary>
/// <remarks>Layers are added only where a number is not known, so that static shapes become parameters of layers.</remarks>
internal sealed class ShapeValues
{
    private readonly long?[]? values;
    private readonly ITensor? extentsOf;
    private ITensor? tensor;

    private ShapeValues(int rank, long?[]? values, ITensor? tensor, ITensor? extentsOf)
    {
        Rank = rank;
        this.values = values;
        this.tensor = tensor;
        this.extentsOf = extentsOf;
    }

    /// <summary>1 for a vector, 0 for a scalar.</summary>
    public int Rank { get; }

    /// <summary>How many numbers; −1 when not known.</summary>
    public int Count => values?.Length ?? -1;

    public bool IsKnown => values is not null && Array.TrueForAll(values, value => value is not null);

    /// <summary>A number, null when it is not known while parsing.</summary>
    public long? this[int index] => values?[index];

    public static ShapeValues Vector(params long[] values) => new(1, Array.ConvertAll(values, value => (long?)value), null, null);

    public static ShapeValues Scalar(long value) => new(0, [value], null, null);

    /// <summary>The extents of a tensor.</summary>
    public static ShapeValues Of(ImportNode node, ITensor x)
    {
        node.Rank(x);
        return new(1, Array.ConvertAll(x.Dimensions.ToArray(), extent => extent >= 0 ? extent : (long?)null), null, x);
    }

    /// <summary>The values of a tensor of integers.</summary>
    public static ShapeValues From(ImportNode node, ITensor x)
    {
        int rank = node.Rank(x);
        if (rank > 1)
        {
            throw node.Invalid($"Tensor {x.Name} has {rank} dimensions, but values of a shape have at most one.");
        }

        long count = rank == 0 ? 1 : x.Dimensions[0];
        return new(rank, count < 0 ? null : new long?[count], x, null);
    }

    /// <summary>The values of an input of the node.</summary>
    public static ShapeValues From(ImportNode node, int input)
    {
        if (!node.IsConstant(input))
        {
            ITensor x = node.Tensor(input);
            return From(node, x.Type is DataType.Int32 ? node.AddCast(x, DataType.Int64) : x);
        }

        return new(Math.Min(node.Rank(input), 1), Array.ConvertAll(node.Integers(input), value => (long?)value), null, null);
    }

    public static ShapeValues Add(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.Sum, true, 0, (a, b) => a + b);

    public static ShapeValues Subtract(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.Sub, false, 0, (a, b) => a - b);

    public static ShapeValues Multiply(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.Prod, true, 1, (a, b) => a * b);

    public static ShapeValues Min(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.Min, true, long.MaxValue, Math.Min);

    public static ShapeValues Max(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.Max, true, long.MinValue, Math.Max);

    /// <summary>Quotients rounded down.</summary>
    public static ShapeValues Divide(ImportNode node, ShapeValues x, ShapeValues y) => Combine(node, x, y, ElementWiseOperation.FloorDiv, false, 1, FloorDiv);

    /// <summary>What two shapes of one length broadcast to.</summary>
    public static ShapeValues Broadcast(ImportNode node, ShapeValues x, ShapeValues y) =>
        Multiply(node, Max(node, x, y), Min(node, x, Min(node, y, y.Similar(node, 1))));

    public static ShapeValues Concatenate(ImportNode node, ShapeValues x, ShapeValues y)
    {
        if (x.Count == 0 || y.Count == 0)
        {
            return x.Count == 0 ? y : x;
        }

        if (x.IsKnown && y.IsKnown)
        {
            return new(1, [.. x.values!, .. y.values!], null, null);
        }

        ITensor joined = node.Out(node.Network.AddConcatenation([x.Tensor(node), y.Tensor(node)]), "ONNXTRT_ShapeConcat");
        return new(1, x.values is null || y.values is null ? null : [.. x.values, .. y.values], joined, null);
    }

    public static ILayer Slice(ImportNode node, ITensor data, ShapeValues starts, ShapeValues sizes, ShapeValues strides)
    {
        ISliceLayer layer = node.Network.AddSlice(data, starts.Parameter, sizes.Parameter, strides.Parameter);
        starts.SetWhereUnknown(node, layer, 1);
        sizes.SetWhereUnknown(node, layer, 2);
        strides.SetWhereUnknown(node, layer, 3);
        return layer;
    }

    /// <summary>As a tensor of 64-bit integers.</summary>
    public ITensor Tensor(ImportNode node)
    {
        if (tensor is null)
        {
            tensor = IsKnown
                ? node.Tensor(ConstantValues.Of(Array.ConvertAll(values!, value => value!.Value), Rank == 0 ? [] : [Count]))
                : node.AddCast(node.Out(node.Network.AddShape(extentsOf!), "ONNXTRT_ShapeTensor"), DataType.Int64);
        }

        return tensor;
    }

    /// <summary>As many of one number.</summary>
    public ShapeValues Similar(ImportNode node, long value) => Count >= 0
        ? Vector(Enumerable.Repeat(value, Count).ToArray())
        : Fill(node, value, new ShapeValues(1, [null], null, Tensor(node)));

    /// <summary>One number, a count of times.</summary>
    public static ShapeValues Fill(ImportNode node, long value, ShapeValues count)
    {
        if (count.IsKnown)
        {
            return Vector(Enumerable.Repeat(value, (int)count[0]!.Value).ToArray());
        }

        ILayer layer = Slice(node, Vector(value).Tensor(node), Vector(0), count, Vector(0));
        return From(node, node.Out(layer, "ONNXTRT_FillShapeVector"));
    }

    public ShapeValues Pick(ImportNode node, params long[] indices) => Gather(node, Vector(indices));

    public ShapeValues Gather(ImportNode node, ShapeValues indices)
    {
        if (indices.IsKnown && values is not null && indices.values!.All(index => values[index!.Value] is not null))
        {
            return new(indices.Rank, Array.ConvertAll(indices.values!, index => values[index!.Value]), null, null);
        }

        ITensor places = indices.Tensor(node);
        ITensor gathered = node.Out(node.Network.AddGather(Tensor(node), places, 0), "ONNXTRT_ShapeGather");
        return new(indices.Rank, indices.IsKnown && values is not null ? Array.ConvertAll(indices.values!, index => values[index!.Value]) : indices.values is null ? null : new long?[indices.Count], gathered, null);
    }

    /// <summary>These numbers with those of <paramref name="others"/> at some places.</summary>
    public ShapeValues With(ImportNode node, ShapeValues others, ReadOnlySpan<long> places)
    {
        long[] order = new long[Count];
        for (int i = 0; i < order.Length; i++)
        {
            int found = places.IndexOf(i);
            order[i] = found < 0 ? i : Count + found;
        }

        return Interlaced(node, others, Vector(order));
    }

    /// <summary>Of these numbers and others after them, those at some places.</summary>
    public ShapeValues Interlaced(ImportNode node, ShapeValues others, ShapeValues places) => Concatenate(node, this, others).Gather(node, places);

    /// <summary>The product of the numbers from one index to before another; as a vector of one.</summary>
    public ShapeValues Product(ImportNode node, int first, int last)
    {
        ShapeValues result = Vector(1);
        for (int i = first; i < last; i++)
        {
            result = Multiply(node, result, Pick(node, i));
        }

        return result;
    }

    /// <summary>A scalar as a vector of one.</summary>
    public ShapeValues AsVector(ImportNode node)
    {
        if (Rank == 1)
        {
            return this;
        }

        return IsKnown ? new(1, values, null, null) : From(node, node.Out(Vector(1).Shuffle(node, Tensor(node)), "ONNXTRT_ShapeShuffle"));
    }

    public IShuffleLayer Shuffle(ImportNode node, ITensor x, bool zeroIsPlaceholder = false)
    {
        IShuffleLayer layer = node.Network.AddShuffle(x);
        if (IsKnown)
        {
            layer.ReshapeDimensions = Parameter;
        }
        else
        {
            layer.SetInput(1, Tensor(node));
        }

        layer.ZeroIsPlaceholder = zeroIsPlaceholder;
        return layer;
    }

    /// <summary>A tensor in this shape; itself where it has it already.</summary>
    public ITensor Reshape(ImportNode node, ITensor x) => IsKnown && Parameter == x.Dimensions ? x : node.Out(Shuffle(node, x), "ONNXTRT_ShapeShuffle");

    /// <summary>The numbers as a parameter of a layer; zeros where an input gives them instead.</summary>
    public Dims Parameter => IsKnown ? new Dims(Array.ConvertAll(values!, value => value!.Value)) : values is null ? Dims.Unknown : Extents.Same(values.Length, 0);

    private void SetWhereUnknown(ImportNode node, ILayer layer, int input)
    {
        if (!IsKnown)
        {
            layer.SetInput(input, Tensor(node));
        }
    }

    private static long FloorDiv(long a, long b)
    {
        long quotient = Math.DivRem(a, b, out long rest);
        return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private bool IsAll(long value) => IsKnown && Array.TrueForAll(values!, item => item == value);

    /// <summary>The same numbers, which become a layer of their own where they are not one yet: what NVIDIA's parser does too.</summary>
    private ShapeValues Copy() => new(Rank, values, tensor, extentsOf);

    private static ShapeValues Combine(
        ImportNode node, ShapeValues x, ShapeValues y, ElementWiseOperation operation, bool commutes, long neutral, Func<long, long, long> function)
    {
        if (x.Count == 0 || y.Count == 0)
        {
            return x.Count == 0 ? x : y;
        }

        if (y.IsAll(neutral) && x.Count >= y.Count)
        {
            return x.Copy();
        }

        if (commutes && x.IsAll(neutral) && y.Count >= x.Count)
        {
            return y.Copy();
        }

        if (x.Count < 0 || y.Count < 0)
        {
            return From(node, Layer());
        }

        long?[] result = new long?[Math.Max(x.Count, y.Count)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = x.values![i % x.Count] is { } a && y.values![i % y.Count] is { } b && (operation != ElementWiseOperation.FloorDiv || b != 0) ? function(a, b) : null;
        }

        ShapeValues known = new(x.Rank, result, null, null);
        return known.IsKnown ? known : new(x.Rank, result, Layer(), null);

        ITensor Layer() => node.Out(node.Network.AddElementWise(x.Tensor(node), y.Tensor(node), operation), "ONNXTRT_ShapeElementWise");
    }
}

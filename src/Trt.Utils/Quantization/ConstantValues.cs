using Trt.Interop;

namespace Trt.Utils;

/// <summary>Real numbers of a constant, as layers that move and cast them arranged them.</summary>
internal sealed class ConstantValues(Weights weights, Dims shape)
{
    /// <summary>For each axis, how far apart its neighbours are in the weights.</summary>
    private long[] Strides { get; init; } = Dense(shape);

    public Dims Shape => shape;

    /// <summary>The values behind a tensor.</summary>
    /// <returns>Null where they are not real, or come through layers other than casts, identities and shuffles.</returns>
    public static ConstantValues? Of(NetworkGraph graph, ITensor tensor)
    {
        switch (graph.Producer(tensor))
        {
            case IConstantLayer constant:
                return LayerWeights.AreReal(constant.Weights) ? new ConstantValues(constant.Weights, constant.Dimensions) : null;
            case IIdentityLayer or ICastLayer:
                return Of(graph, graph.Producer(tensor)!.GetInput(0)!);
            case IShuffleLayer shuffle when tensor.Dimensions.IsStatic && Of(graph, shuffle.GetInput(0)!) is { } source:
                // A shape that is an input is constant too; the result's own dimensions are what it asks for, transposed back.
                ConstantValues moved = source.Transposed(shuffle.FirstTranspose);
                Dims result = tensor.Dimensions;
                Dims reshaped = result;
                for (int axis = 0; axis < result.NbDims; axis++)
                {
                    reshaped[shuffle.SecondTranspose.Order[axis]] = result[axis];
                }

                return moved.Reshaped(reshaped)?.Transposed(shuffle.SecondTranspose);
            case ISqueezeLayer or IUnsqueezeLayer when tensor.Dimensions.IsStatic:
                return Of(graph, graph.Producer(tensor)!.GetInput(0)!)?.Reshaped(tensor.Dimensions);
            default:
                return null;
        }
    }

    /// <summary>The greatest magnitude for each position of an axis; of all where the axis is −1. NaN where a value is NaN.</summary>
    public float[] Greatest(int axis)
    {
        if (axis < 0 || Strides.AsSpan().SequenceEqual(Dense(shape)))
        {
            return LayerWeights.Greatest(weights, shape, axis);
        }

        float[] greatest = new float[shape[axis]];
        long[] place = new long[shape.NbDims];
        long at = 0;
        for (long i = 0; i < weights.Count; i++)
        {
            ref float most = ref greatest[place[axis]];
            most = MathF.Max(most, MathF.Abs(LayerWeights.At(weights, at)));
            for (int next = shape.NbDims - 1; next >= 0; next--)
            {
                at += Strides[next];
                if (++place[next] < shape[next])
                {
                    break;
                }

                at -= Strides[next] * shape[next];
                place[next] = 0;
            }
        }

        GC.KeepAlive(weights.Owner);
        return greatest;
    }

    private static long[] Dense(Dims shape)
    {
        long[] strides = new long[Math.Max(shape.NbDims, 0)];
        long stride = 1;
        for (int axis = strides.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    private ConstantValues Transposed(Permutation order)
    {
        Dims result = shape;
        long[] strides = new long[shape.NbDims];
        for (int axis = 0; axis < shape.NbDims; axis++)
        {
            result[axis] = shape[order.Order[axis]];
            strides[axis] = Strides[order.Order[axis]];
        }

        return new ConstantValues(weights, result) { Strides = strides };
    }

    /// <summary>Another shape of the same elements in the same order; null where they do not lie in that order, and the shape differs by more than ones.</summary>
    private ConstantValues? Reshaped(Dims result)
    {
        if (result == shape)
        {
            return this;
        }

        if (Strides.AsSpan().SequenceEqual(Dense(shape)))
        {
            return new ConstantValues(weights, result);
        }

        long[] extents = [.. shape.Where(extent => extent != 1)];
        if (!extents.SequenceEqual(result.Where(extent => extent != 1)))
        {
            return null;
        }

        Queue<long> kept = new(Enumerable.Range(0, shape.NbDims).Where(axis => shape[axis] != 1).Select(axis => Strides[axis]));
        return new ConstantValues(weights, result) { Strides = [.. result.Select(extent => extent == 1 ? 0 : kept.Dequeue())] };
    }
}

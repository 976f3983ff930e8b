namespace Trt.Utils.Tests.Networks;

/// <summary>Numbers in double precision with up to four axes, for the formulas that tests compare with.</summary>
internal sealed class Grid
{
    private readonly double[] values;

    public Grid(params long[] shape)
    {
        Shape = shape;
        values = new double[shape.Aggregate(1L, (product, extent) => product * extent)];
    }

    public long[] Shape { get; }

    public double this[long a, long b = 0, long c = 0, long d = 0]
    {
        get => values[At(a, b, c, d)];
        set => values[At(a, b, c, d)] = value;
    }

    public static implicit operator Grid(HostTensor tensor) => Of(tensor.Floats, tensor.Shape);

    public static implicit operator Grid(WeightsMap tensor) => Of(tensor.Tensor.ToFloat32(), [.. tensor.Tensor.Shape]);

    /// <summary>A tensor that may be missing.</summary>
    public static Grid? OrNull(WeightsMap tensor) => tensor.IsTensor ? (Grid)tensor : null;

    public static Grid Of(ReadOnlySpan<float> values, params long[] shape)
    {
        Grid grid = new(shape);
        for (int i = 0; i < values.Length; i++)
        {
            grid.values[i] = values[i];
        }

        return grid;
    }

    public float[] Floats => Array.ConvertAll(values, value => (float)value);

    public Grid Map(Func<double, double> function)
    {
        Grid grid = new(Shape);
        for (int i = 0; i < values.Length; i++)
        {
            grid.values[i] = function(values[i]);
        }

        return grid;
    }

    /// <summary>Fills a grid place by place.</summary>
    public static Grid From(long[] shape, Func<long, long, long, long, double> at)
    {
        Grid grid = new(shape);
        long[] extents = [.. shape, .. Enumerable.Repeat(1L, 4 - shape.Length)];
        for (long a = 0; a < extents[0]; a++)
        {
            for (long b = 0; b < extents[1]; b++)
            {
                for (long c = 0; c < extents[2]; c++)
                {
                    for (long d = 0; d < extents[3]; d++)
                    {
                        grid[a, b, c, d] = at(a, b, c, d);
                    }
                }
            }
        }

        return grid;
    }

    private long At(long a, long b, long c, long d)
    {
        long place = a;
        place = Shape.Length > 1 ? (place * Shape[1]) + b : place;
        place = Shape.Length > 2 ? (place * Shape[2]) + c : place;
        return Shape.Length > 3 ? (place * Shape[3]) + d : place;
    }
}

using Trt.Interop;

namespace Trt.Utils.Tests.Networks;

/// <summary>Values with their shape, as inputs and outputs of a run.</summary>
internal sealed record HostTensor(Array Values, long[] Shape)
{
    public float[] Floats => Values as float[] ?? Array.ConvertAll((Half[])Values, value => (float)value);

    public static HostTensor Of(float[] values, params long[] shape) => new(values, shape);

    public static HostTensor Of(int[] values, params long[] shape) => new(values, shape);

    /// <summary>Truth values, a byte each.</summary>
    public static HostTensor Of(bool[] values, params long[] shape) => new(Array.ConvertAll(values, value => value ? (byte)1 : (byte)0), shape);

    /// <summary>An array for the elements of an output.</summary>
    public static Array New(DataType type, long count) => type switch
    {
        DataType.Float => new float[count],
        DataType.Half => new Half[count],
        DataType.Int32 => new int[count],
        DataType.Int64 => new long[count],
        _ => throw new ArgumentException($"No test has an output of {type}."),
    };

    /// <summary>Evenly distributed numbers between two limits.</summary>
    public static HostTensor Random(int seed, double least, double greatest, params long[] shape)
    {
        Random random = new(seed);
        float[] values = new float[shape.Aggregate(1L, (product, extent) => product * extent)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(least + (random.NextDouble() * (greatest - least)));
        }

        return new HostTensor(values, shape);
    }
}

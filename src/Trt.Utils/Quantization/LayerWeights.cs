using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Weights that layers hold, and their numbers.</summary>
internal static unsafe class LayerWeights
{
    /// <summary>A method that takes a piece of memory.</summary>
    public delegate void Sink(ReadOnlySpan<byte> bytes);

    /// <summary>All weights of a layer, also empty ones.</summary>
    public static Weights[] Of(ILayer layer) => layer switch
    {
        IConvolutionLayer convolution => [convolution.KernelWeights, convolution.BiasWeights],
        IDeconvolutionLayer deconvolution => [deconvolution.KernelWeights, deconvolution.BiasWeights],
        IFullyConnectedLayer connected => [connected.KernelWeights, connected.BiasWeights],
        IScaleLayer scale => [scale.Shift, scale.Scale, scale.Power],
        IConstantLayer constant => [constant.Weights],
        _ => [],
    };

    /// <summary>Reads the bytes of weights, in pieces where they are more than a span holds.</summary>
    public static void Read(Weights weights, Sink sink)
    {
        const int Piece = 1 << 28;
        long bytes = weights.Values == 0 ? 0 : Bytes(weights.Type, weights.Count);
        for (long at = 0; at < bytes; at += Piece)
        {
            sink(new ReadOnlySpan<byte>((byte*)weights.Values + at, (int)Math.Min(Piece, bytes - at)));
        }

        GC.KeepAlive(weights.Owner);
    }

    /// <summary>How many bytes a number of elements takes.</summary>
    public static long Bytes(DataType type, long count) => type switch
    {
        DataType.Int64 => count * 8,
        DataType.Float or DataType.Int32 => count * 4,
        DataType.Half or DataType.BF16 => count * 2,
        DataType.Int4 or DataType.FP4 => (count + 1) / 2,
        _ => count,
    };

    /// <summary>Whether weights are real numbers that can be read: Float, Half or BF16.</summary>
    public static bool AreReal(Weights weights) => weights.Type is DataType.Float or DataType.Half or DataType.BF16 && weights.Values != 0 && weights.Count > 0;

    /// <summary>A number of real weights.</summary>
    public static float At(Weights weights, long index) => weights.Type switch
    {
        DataType.Float => ((float*)weights.Values)[index],
        DataType.Half => (float)((Half*)weights.Values)[index],
        DataType.BF16 => BrainFloat.ToSingle(((ushort*)weights.Values)[index]),
        _ => throw new ArgumentException($"Weights of type {weights.Type} are no real numbers."),
    };

    /// <summary>The greatest magnitude of real weights for each position of an axis; of all of them where no axis is given.</summary>
    /// <param name="weights">Real numbers.</param>
    /// <param name="shape">Their extents.</param>
    /// <param name="axis">The axis; −1 for none.</param>
    /// <returns>One number for each position; NaN where a weight is NaN.</returns>
    public static float[] Greatest(Weights weights, Dims shape, int axis)
    {
        long inner = 1;
        for (int i = axis + 1; i < shape.NbDims && axis >= 0; i++)
        {
            inner *= shape[i];
        }

        float[] greatest = new float[axis < 0 ? 1 : shape[axis]];
        inner = axis < 0 ? weights.Count : inner;
        for (long start = 0, channel = 0; start < weights.Count; start += inner, channel = (channel + 1) % greatest.Length)
        {
            float most = greatest[channel];
            for (long i = start; i < start + inner; i++)
            {
                most = MathF.Max(most, MathF.Abs(At(weights, i)));
            }

            greatest[channel] = most;
        }

        GC.KeepAlive(weights.Owner);
        return greatest;
    }
}

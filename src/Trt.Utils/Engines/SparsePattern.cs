using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Overwrites weights so that of each four along the summed axis two are zero: what sparse tactics need. For measuring speed only.</summary>
internal static class SparsePattern
{
    private const int Group = 4;

    /// <summary>Changes convolutions, fully connected layers and constants of matrix products.</summary>
    /// <returns>How many layers were changed.</returns>
    public static int Force(IReadOnlyList<ILayer> layers)
    {
        int changed = 0;
        Dictionary<string, IConstantLayer> constants = [];
        foreach (IConstantLayer constant in layers.OfType<IConstantLayer>())
        {
            constants.TryAdd(constant.GetOutput(0).Name, constant);
        }

        foreach (ILayer layer in layers)
        {
            switch (layer)
            {
                case IConvolutionLayer { KernelWeights: { Count: > 0 } kernel } convolution:
                    // [maps, channels of a group, window …]
                    long window = convolution.KernelSizeNd.Volume;
                    if (Copy(kernel, kernel.Count / (convolution.NbOutputMaps * window), window) is { } pruned)
                    {
                        convolution.KernelWeights = pruned;
                        changed++;
                    }

                    break;
                case IFullyConnectedLayer { KernelWeights: { Count: > 0 } matrix } connected:
                    if (Copy(matrix, matrix.Count / connected.NbOutputChannels, 1) is { } rows)
                    {
                        connected.KernelWeights = rows;
                        changed++;
                    }

                    break;
                case IMatrixMultiplyLayer product when product.GetInput(1) is { } operand && constants.GetValueOrDefault(operand.Name) is { } constant && constant.Dimensions.NbDims >= 2:
                    Dims dims = constant.Dimensions;
                    bool transposed = product.GetOperation(1) == MatrixOperation.Transpose;
                    long summed = dims[dims.NbDims - (transposed ? 1 : 2)];
                    if (Copy(constant.Weights, summed, transposed ? 1 : dims[dims.NbDims - 1]) is { } factor)
                    {
                        constant.Weights = factor;
                        changed++;
                    }

                    break;
            }
        }

        return changed;
    }

    /// <summary>A copy with zeros along an axis, or null when the type is none of floating point or the axis is too short.</summary>
    /// <param name="weights">Values.</param>
    /// <param name="axis">Extent of the axis.</param>
    /// <param name="inner">Elements between neighbours along it.</param>
    internal static unsafe Weights? Copy(Weights weights, long axis, long inner)
    {
        if (axis < Group || weights.Values == 0)
        {
            return null;
        }

        int size = weights.Type switch
        {
            DataType.Float => 4,
            DataType.Half or DataType.BF16 => 2,
            _ => 0,
        };
        if (size == 0)
        {
            return null;
        }

        byte[] copy = GC.AllocateUninitializedArray<byte>(checked((int)(weights.Count * size)), pinned: true);
        new ReadOnlySpan<byte>((void*)weights.Values, copy.Length).CopyTo(copy);

        // Without the sign bit, floating point numbers are in the order of their bits.
        if (size == 4)
        {
            Prune(MemoryMarshal.Cast<byte, uint>(copy.AsSpan()), axis, inner, value => value & 0x7FFF_FFFF);
        }
        else
        {
            Prune(MemoryMarshal.Cast<byte, ushort>(copy.AsSpan()), axis, inner, value => value & 0x7FFFu);
        }

        return new Weights(weights.Type, (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref copy[0]), weights.Count, copy);
    }

    private static void Prune<T>(Span<T> values, long axis, long inner, Func<T, uint> magnitude)
        where T : unmanaged
    {
        Span<int> places = stackalloc int[Group];
        for (long outer = 0; outer < values.Length; outer += axis * inner)
        {
            for (long first = 0; first + Group <= axis; first += Group)
            {
                for (long column = 0; column < inner; column++)
                {
                    for (int i = 0; i < Group; i++)
                    {
                        places[i] = (int)(outer + ((first + i) * inner) + column);
                    }

                    // The two smallest of four go.
                    for (int zeroed = 0; zeroed < 2; zeroed++)
                    {
                        int least = zeroed;
                        for (int i = zeroed + 1; i < Group; i++)
                        {
                            least = magnitude(values[places[i]]) < magnitude(values[places[least]]) ? i : least;
                        }

                        (places[zeroed], places[least]) = (places[least], places[zeroed]);
                        values[places[zeroed]] = default;
                    }
                }
            }
        }
    }
}

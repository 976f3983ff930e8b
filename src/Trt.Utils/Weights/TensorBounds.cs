using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>Decides whether a tensor that a file describes lies inside its storage.</summary>
internal static class TensorBounds
{
    /// <summary>PyTorch's own limit, which also keeps a shape that is used over and over from costing much.</summary>
    public const int MostDimensions = 64;

    /// <summary>An expanded view may be larger than its file by at most this.</summary>
    public const long LargestExpansion = 64 << 20;

    /// <returns>How many elements the shape has.</returns>
    /// <exception cref="TorchFormatException">The tensor reaches beyond its storage, or is no tensor.</exception>
    public static long Check(StorageView view, TorchDType type, long offset, ImmutableArray<long> shape, ImmutableArray<long> strides)
    {
        string path = view.Storage.Memory.Path;
        bool isTensor = shape.Length == strides.Length && offset >= 0, isEmpty = false;
        for (int i = 0; isTensor && i < shape.Length; i++)
        {
            isTensor = shape[i] >= 0 && strides[i] >= 0;
            isEmpty |= shape[i] == 0;
        }

        if (!isTensor)
        {
            throw new TorchFormatException(path, $"A tensor has {Describe(offset, shape, strides)}, which is none. The file is damaged.");
        }

        if (isEmpty)
        {
            return 0;
        }

        int size = type.ByteSize();
        long available = view.ByteLength / size;
        long limit = Math.Max(Math.Max(view.ByteLength, view.Storage.Memory.Length), LargestExpansion) / size;
        long count = 1;
        long last = offset;
        for (int i = 0; i < shape.Length; i++)
        {
            count = TensorShape.Multiply(count, shape[i]);
            last = TensorShape.Add(last, TensorShape.Multiply(shape[i] - 1, strides[i]));
        }

        if (last >= available)
        {
            throw new TorchFormatException(path, $"A tensor of {Describe(offset, shape, strides)} reaches beyond its storage \"{PickleText.Shorten(view.Storage.Key)}\", which has {available} elements. The file is damaged.");
        }

        return count <= limit
            ? count
            : throw new TorchFormatException(path, $"A tensor of {Describe(offset, shape, strides)} is expanded far beyond the size of its file. Save what it was expanded from.");
    }

    private static string Describe(long offset, ImmutableArray<long> shape, ImmutableArray<long> strides) =>
        $"shape [{string.Join(", ", shape)}], strides [{string.Join(", ", strides)}] and offset {offset}";
}

using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>A NumPy archive or array as a state dict.</summary>
internal static unsafe class NpzWeights
{
    private const string Suffix = ".npy";
    private const int LongestHeader = 1 << 20;

    public static bool MayBeNpz(Dictionary<string, ZipRecord> records) => records.Count == 0 || records.Keys.Any(name => name.EndsWith(Suffix, StringComparison.Ordinal));

    /// <summary>Reads the arrays' headers; of packed arrays, nothing else is unpacked. The caller holds the file.</summary>
    public static WeightContent Load(MappedFile file, Dictionary<string, ZipRecord> records)
    {
        OrderedDictionary<string, TorchTensor> tensors = new(StringComparer.Ordinal);
        foreach (ZipRecord record in records.Values.Where(record => !record.Name.EndsWith('/')).OrderBy(record => record.HeaderOffset))
        {
            string name = record.Name.EndsWith(Suffix, StringComparison.Ordinal) ? record.Name[..^Suffix.Length] : record.Name;
            NpyHeader header = NpyHeader.Parse(Head(file, record), problem => new TorchFormatException(file.Path, $"The array \"{PickleText.Shorten(name)}\" {problem}"));
            if (!tensors.TryAdd(name, Tensor(TorchStorage.OfRecord(file, name, record, record.Length), name, header)))
            {
                throw new TorchFormatException(file.Path, $"It holds \"{PickleText.Shorten(name)}\" twice. The file is damaged.");
            }
        }

        return Content(tensors);
    }

    /// <summary>A bare .npy file: one tensor, named as the file.</summary>
    public static WeightContent LoadSingle(MappedFile file)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(file.Path);
        NpyHeader header = NpyHeader.Parse(file.Span(0, Math.Min(file.Length, LongestHeader)), problem => new TorchFormatException(file.Path, $"The array {problem}"));
        return Content(new OrderedDictionary<string, TorchTensor>(StringComparer.Ordinal) { [name] = Tensor(TorchStorage.At(file, name, file.At(0), file.Length), name, header) });
    }

    private static WeightContent Content(OrderedDictionary<string, TorchTensor> tensors)
    {
        TorchDictionary root = new(isOrderedDict: false);
        foreach ((string name, TorchTensor tensor) in tensors)
        {
            root.Set(name, tensor);
        }

        return new WeightContent(root, tensors);
    }

    private static ReadOnlySpan<byte> Head(MappedFile file, ZipRecord record)
    {
        int length = (int)Math.Min(record.Length, LongestHeader);
        return record.IsDeflated
            ? ZipInflater.InflateHead(file, record, length, problem => new TorchFormatException(file.Path, problem))
            : file.Span(record.DataOffset, length);
    }

    private static TorchTensor Tensor(TorchStorage storage, string name, NpyHeader header)
    {
        TorchDType type = header.DType switch
        {
            NpzDType.Bool => TorchDType.Bool,
            NpzDType.Int8 => TorchDType.Int8,
            NpzDType.Int16 => TorchDType.Int16,
            NpzDType.Int32 => TorchDType.Int32,
            NpzDType.Int64 => TorchDType.Int64,
            NpzDType.UInt8 => TorchDType.UInt8,
            NpzDType.UInt16 => TorchDType.UInt16,
            NpzDType.UInt32 => TorchDType.UInt32,
            NpzDType.UInt64 => TorchDType.UInt64,
            NpzDType.Float16 => TorchDType.Float16,
            NpzDType.Float32 => TorchDType.Float32,
            _ => TorchDType.Float64,
        };
        StorageView view = new(storage, type, header.Length, storage.ByteLength - header.Length);
        ImmutableArray<long> strides = TensorShape.Strides(header.Shape.AsSpan());
        if (header.IsFortranOrder)
        {
            strides = [.. TensorShape.Strides([.. header.Shape.Reverse()]).Reverse()];
        }

        return TorchTensor.FromFile(view, type, 0, header.Shape, strides, requiresGrad: false).WithName(name);
    }
}

namespace Trt.Utils;

/// <summary>The tensors of a .safetensors file, where they lie in it.</summary>
internal static unsafe class SafetensorsReader
{
    /// <summary>The caller holds the file.</summary>
    public static WeightContent Load(MappedFile file)
    {
        SafetensorsHeader header = SafetensorsHeader.Parse(file);
        TorchDictionary root = new(isOrderedDict: false);
        OrderedDictionary<string, TorchTensor> tensors = new(header.Entries.Count, StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            TorchStorage storage = TorchStorage.At(file, entry.Name, file.At(header.DataOffset + entry.Begin), entry.End - entry.Begin);
            StorageView view = new(storage, entry.DType, 0, storage.ByteLength);
            TorchTensor tensor = TorchTensor.FromFile(view, entry.DType, 0, entry.Shape, TensorShape.Strides(entry.Shape.AsSpan()), requiresGrad: false).WithName(entry.Name);
            tensors.Add(entry.Name, tensor);
            root.Set(entry.Name, tensor);
        }

        if (header.Metadata is not null)
        {
            root.Attributes = new TorchDictionary(isOrderedDict: false);
            root.Attributes.Set(SafetensorsHeader.MetadataKey, header.Metadata);
        }

        return new WeightContent(root, tensors);
    }
}

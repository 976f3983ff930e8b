using System.Globalization;
using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;
using Location = Trt.Onnx.TensorProto.Types.DataLocation;

namespace Trt.Utils;

/// <summary>Writes models, with their weights inside or beside them.</summary>
/// <param name="model">The model; it is not changed.</param>
/// <param name="contents">Reads its tensors.</param>
internal sealed class OnnxFileWriter(ModelProto model, TensorContents contents)
{
    private const long ExternalAbove = 1L << 30;
    private const int Page = 4096;
    private const int Line = 64;

    /// <summary>The model with all weights inside.</summary>
    public ModelProto Embedded()
    {
        List<TensorProto> external = [.. ModelTensors.Of(model).Where(tensor => tensor.DataLocation == Location.External)];
        if (Total() > OnnxFile.Most)
        {
            throw new InvalidOperationException($"The model's weights take {Total():0} bytes, more than a model in one piece can hold. Save it to a file with external data.");
        }

        if (external.Count == 0)
        {
            return model;
        }

        ModelProto copy = model.Clone();
        foreach (TensorProto tensor in ModelTensors.Of(copy).Where(tensor => tensor.DataLocation == Location.External))
        {
            tensor.RawData = ByteString.CopyFrom(contents.Read(tensor).AsBytes());
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }

        return copy;
    }

    public void Save(string path, OnnxSaveOptions options)
    {
        path = Path.GetFullPath(path);
        bool beside = options.ExternalData ?? (ModelTensors.Of(model).Any(tensor => tensor.DataLocation == Location.External) || Total() > ExternalAbove);
        using AtomicFile file = AtomicFile.Create(path);
        if (!beside)
        {
            Embedded().WriteTo(file.Stream);
            file.Commit();
            return;
        }

        string name = options.ExternalFileName ?? Path.GetFileName(path) + ".data";
        if (name.Length == 0 || name != Path.GetFileName(name) || name is "." or ".." || name == Path.GetFileName(path))
        {
            throw new ArgumentException($"\"{name}\" cannot be the file of the weights: it must be a name without folders, and another one than the model's.", nameof(options));
        }

        using AtomicFile data = AtomicFile.Create(Path.Combine(Path.GetDirectoryName(path)!, name));
        Beside(data.Stream, name, options.ExternalThreshold).WriteTo(file.Stream);
        file.Stream.Flush();

        // Between the two steps there must be no old model with new weights: rather none at all.
        if (File.Exists(data.Path) && File.Exists(path))
        {
            File.Delete(path);
        }

        data.Commit();
        file.Commit();
    }

    private ModelProto Beside(FileStream data, string name, long threshold)
    {
        ModelProto copy = model.Clone();
        HashSet<TensorProto> initializers = new(ModelTensors.Graphs(copy.Graph).SelectMany(graph => graph.Initializer), ReferenceEqualityComparer.Instance);
        foreach (TensorProto tensor in ModelTensors.Of(copy).Where(tensor => tensor.DataType != (int)OnnxElementType.String))
        {
            // Runtimes read external data of initializers only, so attributes keep theirs.
            long bytes = contents.Bytes(tensor);
            bool stays = bytes < threshold || !initializers.Contains(tensor);
            if (stays && tensor.DataLocation != Location.External)
            {
                continue;
            }

            OnnxTensor values = contents.Read(tensor);
            ModelTensors.ClearData(tensor);
            if (stays)
            {
                tensor.RawData = ByteString.CopyFrom(values.AsBytes());
                continue;
            }

            // Whole pages can be mapped by whoever reads the file.
            int alignment = bytes >= 16 * Page ? Page : Line;
            data.Position = (data.Position + alignment - 1) / alignment * alignment;
            tensor.DataLocation = Location.External;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = name });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = data.Position.ToString(CultureInfo.InvariantCulture) });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = bytes.ToString(CultureInfo.InvariantCulture) });
            Write(data, values);
        }

        return copy;
    }

    private static unsafe void Write(FileStream data, OnnxTensor values)
    {
        for (long at = 0; at < values.ByteCount; at += 1 << 28)
        {
            data.Write(new ReadOnlySpan<byte>((byte*)values.Pointer + at, (int)Math.Min(1 << 28, values.ByteCount - at)));
        }

        GC.KeepAlive(values);
    }

    /// <summary>Bytes that the weights take, as far as they are there; what a tensor only claims to have is found when it is read.</summary>
    private double Total() => ModelTensors.Of(model).Sum(tensor => tensor.DataLocation == Location.External && tensor.DataType != (int)OnnxElementType.String
        ? contents.Bytes(tensor)
        : (double)tensor.RawData.Length + (4.0 * (tensor.FloatData.Count + tensor.Int32Data.Count)) + (8.0 * (tensor.Int64Data.Count + tensor.Uint64Data.Count + tensor.DoubleData.Count)));
}

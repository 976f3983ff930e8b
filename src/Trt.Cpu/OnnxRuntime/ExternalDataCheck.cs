using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>Looks where a model wants its external data from before ONNX Runtime opens any file: only what lies in the folder that was named is read.</summary>
internal static class ExternalDataCheck
{
    /// <exception cref="ArgumentException">A location is outside of the folder, or there is no folder.</exception>
    public static void Check(ReadOnlySpan<byte> model, OnnxSessionOptions options)
    {
        // External data has the key "location"; without that word there is none, and no need to read the model twice.
        if (model.IndexOf("location"u8) < 0)
        {
            return;
        }

        ModelProto read;
        try
        {
            read = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(model);
        }
        catch (InvalidProtocolBufferException)
        {
            return; // ONNX Runtime says what is wrong, and opens no file for it
        }

        if (read.Graph is { } graph)
        {
            Check(graph, options);
        }

        foreach (FunctionProto function in read.Functions)
        {
            Check(function.Node, options);
        }
    }

    private static void Check(GraphProto graph, OnnxSessionOptions options)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            Check(tensor, options);
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            Check(sparse, options);
        }

        Check(graph.Node, options);
    }

    private static void Check(IEnumerable<NodeProto> nodes, OnnxSessionOptions options)
    {
        foreach (AttributeProto attribute in nodes.SelectMany(node => node.Attribute))
        {
            foreach (TensorProto tensor in attribute.Tensors.Append(attribute.T).OfType<TensorProto>())
            {
                Check(tensor, options);
            }

            foreach (SparseTensorProto sparse in attribute.SparseTensors.Append(attribute.SparseTensor).OfType<SparseTensorProto>())
            {
                Check(sparse, options);
            }

            foreach (GraphProto graph in attribute.Graphs.Append(attribute.G).OfType<GraphProto>())
            {
                Check(graph, options);
            }
        }
    }

    private static void Check(SparseTensorProto sparse, OnnxSessionOptions options)
    {
        foreach (TensorProto tensor in new[] { sparse.Values, sparse.Indices }.OfType<TensorProto>())
        {
            Check(tensor, options);
        }
    }

    private static void Check(TensorProto tensor, OnnxSessionOptions options)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External || options.Initializers?.ContainsKey(tensor.Name) == true)
        {
            return;
        }

        foreach (StringStringEntryProto entry in tensor.ExternalData.Where(entry => entry.Key == "location"))
        {
            if (options.ExternalDataFolder is not { } folder)
            {
                throw new ArgumentException($"Tensor \"{tensor.Name}\" has its data in the file \"{entry.Value}\", but a model in memory has no folder. Give ExternalDataFolder, or the tensor in Initializers.", nameof(options));
            }

            if (ExternalDataPath.Resolve(folder, entry.Value) is null)
            {
                throw new ArgumentException($"Tensor \"{tensor.Name}\" has its data in \"{entry.Value}\", which is outside of the model's folder {folder}. Only files in that folder and below are read.", nameof(options));
            }
        }
    }
}

using System.Globalization;
using Google.Protobuf;
using Trt.Interop;
using Trt.Interop.Copying;
using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>Writes networks as ONNX models.</summary>
public static class OnnxExport
{
    /// <summary>Beyond this, weights go into a file of their own: a protocol buffer ends at 2 GiB.</summary>
    private const long MostInline = 1L << 30;

    /// <summary>Writes a network of any library as an ONNX model.</summary>
    /// <param name="network">The network; it is only read. Its outputs must be marked. Not while another thread changes it.</param>
    /// <returns>
    /// The serialized model, with the network's names for inputs and outputs. It is in ONNX's own operators, but for plugins, which are nodes of domain
    /// <c>trt.cpu</c> with the plugin's name as operator: parsers make the plugin again from its version, namespace and fields, which are attributes. What a build makes of the network (profiles, precision, calibration) is no part of it; 16-bit arithmetic is written as the CPU runtime
    /// computes it, in 32 bits and rounded.
    /// </returns>
    /// <exception cref="TensorRtException">The network has no outputs, or a layer that cannot be shaped or written; the message names it.</exception>
    /// <exception cref="NotSupportedException">A layer is of a kind that the CPU runtime does not have.</exception>
    /// <exception cref="InvalidOperationException">The weights take more than 1 GiB; write the model to a file.</exception>
    public static byte[] ToOnnx(this INetworkDefinition network)
    {
        ArgumentNullException.ThrowIfNull(network);
        (ModelProto model, Lowering graph) = Model(network);
        if (graph.WeightBytes > MostInline)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The weights take {graph.WeightBytes} bytes, too many for a model in memory; give ToOnnx a path, and they are put into a file beside it."));
        }

        Embed(model, graph);
        GC.KeepAlive(network);
        return model.ToByteArray();
    }

    /// <summary>Writes a network of any library into an ONNX file, and weights of more than 1 GiB into <c>path.data</c> beside it.</summary>
    /// <param name="network">As for <see cref="ToOnnx(INetworkDefinition)"/>.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <exception cref="TensorRtException">As for <see cref="ToOnnx(INetworkDefinition)"/>.</exception>
    /// <exception cref="NotSupportedException">As for <see cref="ToOnnx(INetworkDefinition)"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void ToOnnx(this INetworkDefinition network, string path)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        (ModelProto model, Lowering graph) = Model(network);
        if (graph.WeightBytes > MostInline)
        {
            WriteBeside(model, graph, path + ".data");
        }
        else
        {
            Embed(model, graph);
        }

        using FileStream file = File.Create(path);
        model.WriteTo(file);
        GC.KeepAlive(network);
    }

    private static (ModelProto Model, Lowering Graph) Model(INetworkDefinition network)
    {
        if (network is CpuNetwork own)
        {
            return Lower(own);
        }

        using IBuilder builder = CpuRuntime.Provider.CreateInferBuilder(new DelegateLogger((_, _) => { }));
        using INetworkDefinition copy = builder.CreateNetworkV2(NetworkCopier.IsStronglyTyped(network) ? [NetworkDefinitionCreationFlag.StronglyTyped] : default);
        network.CopyTo(copy);
        return Lower((CpuNetwork)copy);
    }

    private static (ModelProto Model, Lowering Graph) Lower(CpuNetwork network)
    {
        using IBuilderConfig config = network.Builder.CreateBuilderConfig();
        Lowering graph = new EngineCompiler(network, (CpuBuilderConfig)config, "INetworkDefinition::toOnnx").Graph();
        ModelProto model = graph.Finish();
        PluginNodes.Describe(model.Graph, graph.Plugins);
        Rename(model.Graph, Names(graph, network));
        return (model, graph);
    }

    /// <summary>Names of the network for values of the graph: inputs, outputs, and named weights and tensors between them as far as their names are free.</summary>
    private static Dictionary<string, string> Names(Lowering graph, CpuNetwork network)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        HashSet<string> taken = new(StringComparer.Ordinal);
        for (int i = 0; i < network.InputTensors.Count; i++)
        {
            Give(graph.Graph.Input[i].Name, network.InputTensors[i].Name);
        }

        foreach ((NodeProto node, ValueInfoProto output) in graph.Graph.Output.Select(output => (graph.Graph.Node.Single(node => node.Output.Contains(output.Name)), output)))
        {
            Give(output.Name, node.Name);
        }

        foreach ((Weights weights, string value) in graph.WeightValues)
        {
            Give(value, network.NameOf(weights) ?? string.Empty);
        }

        foreach ((string tensor, string value) in graph.TensorValues)
        {
            Give(value, tensor);
        }

        return names;

        void Give(string value, string name)
        {
            if (name.Length > 0 && !names.ContainsKey(value) && taken.Add(name))
            {
                names.Add(value, name);
            }
        }
    }

    private static void Rename(GraphProto graph, Dictionary<string, string> names)
    {
        foreach (ValueInfoProto value in graph.Input.Concat(graph.Output))
        {
            value.Name = Of(value.Name);
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            tensor.Name = Of(tensor.Name);
        }

        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = Of(node.Input[i]);
            }

            for (int i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = Of(node.Output[i]);
            }

            foreach (AttributeProto attribute in node.Attribute.Where(attribute => attribute.G is not null))
            {
                Rename(attribute.G, names);
            }
        }

        string Of(string name) => names.GetValueOrDefault(name, name);
    }

    private static unsafe void Embed(ModelProto model, Lowering graph)
    {
        foreach ((TensorProto tensor, WeightBlock block) in External(model, graph))
        {
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
            tensor.ExternalData.Clear();
            tensor.RawData = ByteString.CopyFrom(new ReadOnlySpan<byte>((void*)block.Address, checked((int)block.Bytes)));
        }
    }

    private static unsafe void WriteBeside(ModelProto model, Lowering graph, string path)
    {
        using FileStream file = File.Create(path);
        foreach ((TensorProto tensor, WeightBlock block) in External(model, graph))
        {
            file.Position = block.Offset;
            for (long at = 0; at < block.Bytes; at += 1 << 28)
            {
                file.Write(new ReadOnlySpan<byte>((byte*)block.Address + at, (int)Math.Min(1 << 28, block.Bytes - at)));
            }

            tensor.ExternalData.Single(entry => entry.Key == "location").Value = Path.GetFileName(path);
        }
    }

    private static IEnumerable<(TensorProto Tensor, WeightBlock Block)> External(ModelProto model, Lowering graph)
    {
        Dictionary<string, WeightBlock> blocks = graph.Blocks.ToDictionary(block => block.Offset.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);
        return model.Graph.Initializer.Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External)
            .Select(tensor => (tensor, blocks[tensor.ExternalData.Single(entry => entry.Key == "offset").Value]));
    }
}

using Google.Protobuf;
using Trt.Cpu.OnnxRuntime;
using Trt.Onnx;

namespace Trt.Cpu;

/// <summary>Sessions of the time of a build, over weights that lie where the user keeps them.</summary>
internal static class TrialSession
{
    /// <summary>A session over the network's own weights, for the time of the build.</summary>
    /// <exception cref="OrtException">ONNX Runtime cannot run the graph.</exception>
    public static OrtSession Open(byte[] model, Lowering graph, int optimizationLevel, int threads, Action<int, string>? log = null)
    {
        Dictionary<string, TensorProto> declared = graph.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        Dictionary<string, (nint, long, OrtElementType, long[])> initializers = new(StringComparer.Ordinal);
        foreach (WeightBlock block in graph.Blocks)
        {
            TensorProto tensor = declared[block.Name];
            initializers.Add(block.Name, (block.Address, block.Bytes, (OrtElementType)tensor.DataType, [.. tensor.Dims]));
        }

        return OrtSession.Create(model, new OrtSessionSettings
        {
            OptimizationLevel = optimizationLevel,
            PacksWeights = optimizationLevel > 0,
            Log = log,
            Initializers = initializers,
            IntraOpThreads = threads,
            Kernels = [.. graph.Plugins.Select((plugin, i) => new PluginKernel(plugin, i))],
        });
    }

    /// <summary>Lets ONNX Runtime look at the graph, so that what it cannot run is found now and not when the plan is loaded.</summary>
    /// <remarks>Weights are inputs of the graph that it looks at, of which it makes no copy; only a graph that it refuses so is tried with them.</remarks>
    public static void Try(ModelProto whole, byte[] model, Lowering graph, Journal journal)
    {
        try
        {
            OrtSession.Create(WithoutWeights(whole).ToByteArray(), new OrtSessionSettings
            {
                OptimizationLevel = 0,
                PacksWeights = false,
                Log = (_, _) => { },
                Kernels = [.. graph.Plugins.Select((plugin, i) => new PluginKernel(plugin, i))],
                IntraOpThreads = 1,
            }).Dispose();
        }
        catch (OrtException)
        {
            TryWhole(model, graph, journal);
        }
    }

    private static void TryWhole(byte[] model, Lowering graph, Journal journal)
    {
        try
        {
            Open(model, graph, optimizationLevel: 0, threads: 1, journal.OfOnnxRuntime).Dispose();
        }
        catch (OrtException error)
        {
            throw Refusal.Internal($"ONNX Runtime cannot run the network: {error.Message}");
        }
    }

    private static ModelProto WithoutWeights(ModelProto whole)
    {
        ModelProto result = whole.Clone();
        TensorProto[] tensors = [.. result.Graph.Initializer];
        result.Graph.Initializer.Clear();
        foreach (TensorProto tensor in tensors)
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            {
                result.Graph.Initializer.Add(tensor);
                continue;
            }

            TensorShapeProto shape = new() { Dim = { tensor.Dims.Select(extent => new TensorShapeProto.Types.Dimension { DimValue = extent }) } };
            result.Graph.Input.Add(new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } } });
        }

        return result;
    }
}

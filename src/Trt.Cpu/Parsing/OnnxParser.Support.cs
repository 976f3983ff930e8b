using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <content>Which parts of a model can be imported.</content>
internal sealed partial class OnnxParser
{
    /// <summary>Parses the model into the network and divides its nodes at those that were refused.</summary>
    public bool SupportsModelV2(ReadOnlySpan<byte> serializedOnnxModel, string? modelPath = null)
    {
        ThrowIfDisposed();
        subgraphs.Clear();
        int before = errors.Count;
        bool supported = true;
        try
        {
            Parse(serializedOnnxModel, modelPath);
        }
        catch (TensorRtException)
        {
            supported = false;
        }

        GraphProto graph = OnnxReader.ReadWhatCanBeRead(serializedOnnxModel).Graph ?? new GraphProto();
        if (NodeOrder.Sort(graph.Node) is { } order)
        {
            Divide(graph, order, errors[before..], supported);
        }

        return supported;
    }

    public bool IsSubgraphSupported(long index) => Subgraph(index, "isSubgraphSupported").Supported;

    public long[] GetSubgraphNodes(long index) => [.. Subgraph(index, "getSubgraphNodes").Nodes];

    /// <summary>Runs of nodes, in the order of import, that neither were refused nor read an input that was.</summary>
    private void Divide(GraphProto graph, List<int> order, List<ParserError> refused, bool supported)
    {
        HashSet<int> nodes = [.. refused.Select(error => error.Node)];
        HashSet<string> inputs = [.. refused.Where(error => error.Node < 0).Select(error => error.File)];
        List<long> run = [];
        foreach (int node in order)
        {
            if (nodes.Contains(node) || graph.Node[node].Input.Any(inputs.Contains))
            {
                Close();
            }
            else
            {
                run.Add(node);
            }
        }

        Close();

        void Close()
        {
            if (run.Count > 0)
            {
                subgraphs.Add((supported, [.. run]));
                run.Clear();
            }
        }
    }

    /// <summary>What was found; of what was not, that it is not supported and has no nodes.</summary>
    private (bool Supported, long[] Nodes) Subgraph(long index, string method)
    {
        if (index >= 0 && index < Alive(subgraphs).Count)
        {
            return subgraphs[(int)index];
        }

        Fail($"IParser::{method}", new ImportRefusal(ParseCode.InvalidValue, $"There is no subgraph {index}: supportsModelV2 found {subgraphs.Count}.", func: method).Error, null);
        return (false, []);
    }
}

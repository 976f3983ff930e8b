using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Walks the parts of a serialized model, also those inside of loops, branches and local functions.</summary>
internal static class ModelTensors
{
    /// <summary>All tensors: initializers and attributes.</summary>
    public static IEnumerable<TensorProto> Of(ModelProto model) => Of(model.Graph).Concat(model.Functions.SelectMany(function => function.Node).SelectMany(Of));

    /// <summary>All tensors of a graph and the graphs in it.</summary>
    public static IEnumerable<TensorProto> Of(GraphProto graph) => graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Of)).Concat(graph.Node.SelectMany(Of));

    /// <summary>The graph itself and all graphs in it.</summary>
    public static IEnumerable<GraphProto> Graphs(GraphProto graph) => graph.Node.SelectMany(Bodies).SelectMany(Graphs).Prepend(graph);

    /// <summary>The graphs that a node holds: bodies of loops, branches.</summary>
    public static IEnumerable<GraphProto> Bodies(NodeProto node) => node.Attribute.SelectMany(attribute => attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G));

    /// <summary>Takes away whatever data a tensor has.</summary>
    public static void ClearData(TensorProto tensor)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.DoubleData.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
    }

    private static IEnumerable<TensorProto> Of(NodeProto node) => node.Attribute.SelectMany(attribute => attribute.Tensors
        .Concat(attribute.T is null ? [] : [attribute.T])
        .Concat(attribute.SparseTensors.SelectMany(Of))
        .Concat(attribute.SparseTensor is null ? [] : Of(attribute.SparseTensor))
        .Concat(attribute.Graphs.SelectMany(Of))
        .Concat(attribute.G is null ? [] : Of(attribute.G)));

    private static IEnumerable<TensorProto> Of(SparseTensorProto sparse) => new[] { sparse.Values, sparse.Indices }.Where(tensor => tensor is not null);
}

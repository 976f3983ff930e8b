using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Constants that nobody reads; one that could be set from outside goes with its input.</summary>
internal sealed class EliminateUnusedInitializer : GraphPass
{
    public override string Name => "eliminate_unused_initializer";

    public override string Summary => "initializers go that nobody reads";

    public override int Run(EditableGraph graph)
    {
        TensorProto[] unused = [.. graph.Initializers.Where(tensor => !graph.IsUsed(tensor.Name))];
        Array.ForEach(unused, graph.RemoveInitializer);
        string[] sparse = [.. graph.SparseInitializers.Where(name => !graph.IsUsed(name))];
        Array.ForEach(sparse, graph.RemoveSparse);
        return unused.Length + sparse.Length;
    }
}

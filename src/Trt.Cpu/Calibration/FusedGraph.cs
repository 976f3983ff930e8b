using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Which tensors of a network still exist once its layers are fused in the way of TensorRT's optimizer. The CPU runtime computes layer by layer; calibration and INT8 have to know.</summary>
internal sealed class FusedGraph
{
    private readonly HashSet<CpuTensor> outputs;
    private readonly HashSet<CpuTensor> folded = [];

    /// <param name="layers">The layers that outputs need, each after those that it reads.</param>
    /// <param name="outputs">Outputs of the network; they always exist.</param>
    public FusedGraph(IReadOnlyList<CpuLayer> layers, IEnumerable<CpuTensor> outputs)
    {
        this.outputs = [.. outputs];
        foreach (CpuLayer layer in layers)
        {
            if (layer.Type == LayerType.Constant || (layer.Inputs.Count > 0 && layer.Inputs.All(input => input is null || folded.Contains(input))))
            {
                folded.UnionWith(layer.Outputs);
            }
        }
    }

    /// <summary>Whether a tensor follows from constants alone.</summary>
    public bool IsFolded(CpuTensor tensor) => folded.Contains(tensor);

    /// <summary>Whether a layer multiplies with weights: what TensorRT runs as a convolution.</summary>
    public bool IsFullyConnected(CpuLayer layer) => layer.Type == LayerType.FullyConnected
        || (layer.Type == LayerType.MatrixMultiply && layer.Inputs.Count == 2 && layer.Inputs.Count(input => input is not null && IsFolded(input)) == 1);

    /// <summary>Whether a tensor is the inside of the logarithm of a softmax.</summary>
    public bool IsInsideLogSoftMax(CpuTensor tensor) =>
        tensor.Producer is { Type: LayerType.Softmax } && SoleConsumer(tensor) is IUnaryLayer { Operation: UnaryOperation.Log };

    /// <summary>Whether a tensor is lost in a fusion.</summary>
    public bool IsSwallowed(CpuTensor tensor)
    {
        if (tensor.Producer is not { } producer)
        {
            return false;
        }

        if (IsFolded(tensor) || IsInsideLogSoftMax(tensor))
        {
            return true;
        }

        return SoleConsumer(tensor) is { } consumer
            && (IsPointwise(consumer) ? IsWeighted(producer) || IsPointwise(producer)
                : consumer.Type == LayerType.Shuffle ? producer.Type == LayerType.Shuffle
                : IsFullyConnected(consumer) && (producer.Type == LayerType.Shuffle || EndsFullyConnected(producer)));
    }

    /// <summary>The only reader of a tensor that is no output.</summary>
    public CpuLayer? SoleConsumer(CpuTensor tensor) => tensor.Consumers.Count > 0 && tensor.Consumers.TrueForAll(layer => layer == tensor.Consumers[0]) && !outputs.Contains(tensor)
        ? tensor.Consumers[0]
        : null;

    public static bool IsPointwise(CpuLayer layer) =>
        layer.Type is LayerType.Activation or LayerType.Unary or LayerType.Elementwise or LayerType.Scale or LayerType.ParametricRelu;

    private bool IsWeighted(CpuLayer layer) => layer.Type is LayerType.Convolution or LayerType.Deconvolution || IsFullyConnected(layer);

    private bool EndsFullyConnected(CpuLayer layer)
    {
        CpuLayer? at = layer;
        while (at is not null && IsPointwise(at))
        {
            at = at.Inputs.FirstOrDefault(input => input is not null && !IsFolded(input))?.Producer;
        }

        return at is not null && IsFullyConnected(at);
    }
}

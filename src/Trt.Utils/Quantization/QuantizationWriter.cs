using Trt.Interop;

namespace Trt.Utils;

/// <summary>Writes layers that quantize and dequantize into a network, where TensorRT then runs 8-bit kernels.</summary>
/// <remarks>
/// Placement follows NVIDIA's recommendations ("Working with Quantized Types" in the TensorRT documentation): all inputs of layers with weights are quantized, one scale for
/// an activation and one for each output channel of weights (one for all in FP8); outputs of such layers are not, so that biases, activations and additions fuse into them; of
/// an addition that ends a residual block of convolutions the branch that was not convolved last is quantized; so is what average pooling reads. Max pooling and layers that
/// only move elements commute with quantization and need nothing.
/// </remarks>
internal sealed class QuantizationWriter(INetworkDefinition network, DataType type, ISet<string> excludedLayers, ISet<LayerType> excludedTypes)
{
    /// <summary>The greatest finite number of FP8 E4M3.</summary>
    private const float GreatestFp8 = 448;

    /// <summary>The greatest 8-bit integer.</summary>
    private const float GreatestInt8 = 127;

    private readonly NetworkGraph graph = new(network);
    private readonly Dictionary<ITensor, ITensor> rounded = [];
    private readonly Dictionary<ITensor, ITensor> originals = [];
    private readonly Dictionary<(Weights Weights, Dims Shape), ITensor> kernels = [];
    private readonly Dictionary<(ITensor Weights, int Axis), ITensor> roundedWeights = [];
    private readonly List<string> quantized = [];
    private readonly List<(string Layer, string Reason)> leftAlone = [];
    private IReadOnlyDictionary<ITensor, float> scales = new Dictionary<ITensor, float>();

    private float Greatest => type == DataType.Int8 ? GreatestInt8 : GreatestFp8;

    /// <summary>The activations that are to be quantized, as far as they get a scale.</summary>
    public IEnumerable<ITensor> Read() => graph.Ordered.Where(IsCandidate).SelectMany(NetworkGraph.Inputs).Where(tensor => !graph.IsConstant(tensor) && !graph.IsInner(tensor) && IsReal(tensor)).Distinct();

    /// <summary>Writes the layers.</summary>
    /// <param name="ofTensors">The scale of each activation, for 8-bit integers.</param>
    public QuantizationReport Write(IReadOnlyDictionary<ITensor, float> ofTensors)
    {
        scales = ofTensors;
        foreach (ILayer layer in graph.Ordered)
        {
            string name = layer.Name;
            if (!IsCandidate(layer))
            {
                continue;
            }

            string? reason = excludedLayers.Contains(name) ? "excluded by name" : excludedTypes.Contains(layer.Type) ? $"excluded as {layer.Type}" : Quantize(layer);
            if (reason is null)
            {
                quantized.Add(name);
            }
            else
            {
                leftAlone.Add((name, reason));
            }
        }

        return new QuantizationReport { Method = QuantizationMethod.Explicit, Type = type, Quantized = quantized, LeftAlone = leftAlone };
    }

    private bool IsCandidate(ILayer layer) => layer switch
    {
        IConvolutionLayer or IDeconvolutionLayer or IFullyConnectedLayer => true,
        IMatrixMultiplyLayer product => graph.IsConstant(product.GetInput(0)!) != graph.IsConstant(product.GetInput(1)!),
        IPoolingLayer pooling => pooling.PoolingType == PoolingType.Average,
        IElementWiseLayer sum => ResidualInput(sum) is not null,
        _ => false,
    };

    /// <summary>Quantizes what a layer reads.</summary>
    /// <returns>Why not; null where it was done.</returns>
    private string? Quantize(ILayer layer) => layer switch
    {
        IConvolutionLayer convolution => Windowed(convolution, convolution.KernelWeights, 0),
        IDeconvolutionLayer deconvolution => Windowed(deconvolution, deconvolution.KernelWeights, 1),
        IMatrixMultiplyLayer product => Product(product),
        IElementWiseLayer sum => Activation(sum, ResidualInput(sum)!.Value),
        IPoolingLayer => Activation(layer, 0),
        _ => "fully connected layers are of releases that calibrate themselves; use a matrix product",
    };

    private string? Activation(ILayer layer, int input)
    {
        ITensor tensor = layer.GetInput(input)!;
        string? reason = WhyNot(tensor);
        if (reason is null)
        {
            graph.Connect(layer, input, Rounded(tensor));
        }

        return reason;
    }

    private string? Product(IMatrixMultiplyLayer layer)
    {
        int weights = graph.IsConstant(layer.GetInput(0)!) ? 0 : 1;
        ITensor tensor = layer.GetInput(weights)!;
        if (WhyNot(layer.GetInput(1 - weights)!) is { } reason)
        {
            return reason;
        }

        if (ConstantValues.Of(graph, tensor) is not { } values)
        {
            return $"its weights {tensor.Name} are computed by layers other than casts and shuffles";
        }

        // The axis that is not summed over; a vector has none.
        MatrixOperation operation = layer.GetOperation(weights);
        int axis = operation == MatrixOperation.Vector ? -1 : values.Shape.NbDims - ((operation == MatrixOperation.Transpose) == (weights == 1) ? 2 : 1);
        if (RoundedWeights(tensor, values, axis, tensor.Name) is not { } replacement)
        {
            return NotFinite(tensor.Name);
        }

        graph.Connect(layer, weights, replacement);
        graph.Connect(layer, 1 - weights, Rounded(layer.GetInput(1 - weights)!));
        return null;
    }

    /// <summary>A convolution or deconvolution; one that holds its kernel is replaced.</summary>
    private string? Windowed(ILayer layer, Weights kernel, int axis)
    {
        string name = layer.Name;
        ITensor input = layer.GetInput(0)!;
        if (WhyNot(input) is { } reason)
        {
            return reason;
        }

        ITensor? given = layer.NbInputs > 1 ? layer.GetInput(1) : null;
        if (given is null && !LayerWeights.AreReal(kernel))
        {
            return $"its kernel is of type {kernel.Type}";
        }

        if (given is not null && ConstantValues.Of(graph, given) is null)
        {
            return $"its kernel {given.Name} is computed by layers other than casts and shuffles";
        }

        ITensor source = given ?? Kernel(kernel, WindowedLayers.KernelShape(layer), $"{name}.kernel");
        ConstantValues values = ConstantValues.Of(graph, source)!;
        if (RoundedWeights(source, values, axis, $"{name}.kernel") is not { } weights)
        {
            return NotFinite(given?.Name ?? "its kernel");
        }

        if (given is not null)
        {
            graph.Connect(layer, 0, Rounded(input));
            graph.Connect(layer, 1, weights);
            return null;
        }

        ITensor before = layer.GetOutput(0);
        originals.Add(WindowedLayers.Replace(graph, layer, Rounded(input), weights, bias: null).GetOutput(0), before);
        return null;
    }

    /// <summary>A kernel as a constant, one for all layers that share it.</summary>
    private ITensor Kernel(Weights weights, Dims shape, string name)
    {
        if (!kernels.TryGetValue((weights, shape), out ITensor? kernel))
        {
            kernel = graph.Add(network.AddConstant(shape, weights), name).GetOutput(0);
            kernels.Add((weights, shape), kernel);
        }

        return kernel;
    }

    private static bool IsReal(ITensor tensor) => tensor.Type is DataType.Float or DataType.Half or DataType.BF16;

    private string? WhyNot(ITensor tensor) =>
        !IsReal(tensor) ? $"its input {tensor.Name} is of type {tensor.Type}"
        : ScaleOf(tensor) is not { } scale ? $"its input {tensor.Name} has no range: it is inside of a loop or conditional, or the calibration did not see it"
        : scale > 0 && float.IsFinite(scale) ? null
        : $"its input {tensor.Name} is zero everywhere in the calibration data";

    /// <summary>The range of a tensor as a step of 8-bit integers; of tensors that are only moved, the range of what they are moved from.</summary>
    private float? ScaleOf(ITensor tensor)
    {
        for (ITensor at = tensor; ; at = graph.Producer(at)!.GetInput(0)!)
        {
            if (scales.TryGetValue(originals.GetValueOrDefault(at, at), out float scale))
            {
                return scale;
            }

            if (graph.Producer(at) is not (IShuffleLayer or IIdentityLayer or ISqueezeLayer or IUnsqueezeLayer or IPoolingLayer { PoolingType: PoolingType.Max }))
            {
                return null;
            }
        }
    }

    /// <summary>An activation in steps of its scale, the same for all who read it.</summary>
    private ITensor Rounded(ITensor tensor)
    {
        if (!rounded.TryGetValue(tensor, out ITensor? result))
        {
            float scale = ScaleOf(tensor)!.Value * GreatestInt8 / Greatest;
            ITensor step = Constant([], [scale], $"{tensor.Name}_scale");
            result = Pair(tensor, step, -1, tensor.Name);
            rounded.Add(tensor, result);
        }

        return result;
    }

    /// <summary>Constant weights in steps of scales; null where a weight is not finite.</summary>
    private ITensor? RoundedWeights(ITensor tensor, ConstantValues values, int axis, string name)
    {
        if (roundedWeights.TryGetValue((tensor, axis), out ITensor? known))
        {
            return known;
        }

        float[] greatest = values.Greatest(type == DataType.Int8 ? axis : -1);
        if (!Array.TrueForAll(greatest, float.IsFinite))
        {
            return null;
        }

        // A channel of zeros stays zero with any step.
        float[] steps = Array.ConvertAll(greatest, value => value > 0 ? value / Greatest : 1);
        bool isPerAxis = type == DataType.Int8 && axis >= 0;
        ITensor result = Pair(tensor, Constant(isPerAxis ? [steps.Length] : [], steps, $"{name}_scale"), isPerAxis ? axis : -1, name);
        roundedWeights.Add((tensor, axis), result);
        return result;
    }

    private ITensor Pair(ITensor tensor, ITensor scale, int axis, string name)
    {
        IQuantizeLayer quantize = graph.Add(network.AddQuantize(tensor, scale, type), $"{name}_QuantizeLinear");
        if (axis >= 0)
        {
            quantize.Axis = axis;
        }

        IDequantizeLayer dequantize = graph.Add(network.AddDequantize(quantize.GetOutput(0), scale, tensor.Type), $"{name}_DequantizeLinear");
        if (axis >= 0)
        {
            dequantize.Axis = axis;
        }

        return dequantize.GetOutput(0);
    }

    private ITensor Constant(Dims shape, float[] values, string name) => graph.Add(network.AddConstant(shape, Weights.From(values)), name).GetOutput(0);

    /// <summary>
    /// Of an addition of two activations of equal shape, at least one of which a convolution made, the other input: the way around the block. Where both were convolved it is the second,
    /// as models say <c>block(x) + shortcut(x)</c>.
    /// </summary>
    private int? ResidualInput(IElementWiseLayer layer)
    {
        if (layer.Operation != ElementWiseOperation.Sum || Enumerable.Range(0, 2).Any(input => graph.IsConstant(layer.GetInput(input)!)) || layer.GetInput(0) == layer.GetInput(1)
            || layer.GetInput(0)!.Dimensions != layer.GetInput(1)!.Dimensions)
        {
            return null;
        }

        return EndsConvolution(layer.GetInput(0)!) ? 1 : EndsConvolution(layer.GetInput(1)!) ? 0 : null;
    }

    /// <summary>Whether a tensor with one reader is a convolution's, scaled and shifted by constants at most.</summary>
    private bool EndsConvolution(ITensor tensor)
    {
        ITensor at = tensor;
        while (graph.Readers(at).Count == 1)
        {
            switch (graph.Producer(at))
            {
                case IConvolutionLayer or IDeconvolutionLayer:
                    return true;
                case IScaleLayer scale:
                    at = scale.GetInput(0)!;
                    break;
                case IElementWiseLayer { Operation: ElementWiseOperation.Sum or ElementWiseOperation.Prod } next when graph.IsConstant(next.GetInput(0)!) != graph.IsConstant(next.GetInput(1)!):
                    at = next.GetInput(graph.IsConstant(next.GetInput(0)!) ? 1 : 0)!;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private static string NotFinite(string weights) => $"{weights} holds a number that is not finite";
}

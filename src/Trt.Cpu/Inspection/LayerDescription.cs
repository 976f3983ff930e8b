using System.Globalization;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Describes a layer for the inspector, in the words that TensorRT uses.</summary>
internal static class LayerDescription
{
    public static PlanLayer Of(CpuLayer layer) => new()
    {
        Type = layer.Type.ToString(),
        Inputs = [.. layer.Inputs.OfType<CpuTensor>().Select(Tensor)],
        Outputs = [.. layer.Outputs.Select(Tensor)],
        Parameters = [.. Parameters(layer)],
        Metadata = layer.Metadata,
    };

    private static PlanLayerTensor Tensor(CpuTensor tensor) => tensor.Facts is { } facts
        ? new(tensor.Name, tensor.InferredType, Extents.Visible(facts.Dims).ToArray(), Array.ConvertAll(facts.Dims, dim => dim.ToString()))
        : new(tensor.Name, tensor.InferredType, [], []);

    private static IEnumerable<PlanLayerParameter> Parameters(CpuLayer layer) => layer switch
    {
        IConvolutionLayer convolution =>
        [
            Text("ParameterType", "Convolution"),
            .. Window("Kernel", convolution.KernelSizeNd, convolution.PaddingMode, convolution.PrePadding, convolution.PostPadding, convolution.StrideNd),
            List("Dilation", convolution.DilationNd),
            .. Maps(convolution.NbOutputMaps, convolution.NbGroups, convolution.KernelWeights, convolution.BiasWeights),
        ],
        IDeconvolutionLayer deconvolution =>
        [
            Text("ParameterType", "Convolution"),
            .. Window("Kernel", deconvolution.KernelSizeNd, deconvolution.PaddingMode, deconvolution.PrePadding, deconvolution.PostPadding, deconvolution.StrideNd),
            List("Dilation", deconvolution.DilationNd),
            .. Maps(deconvolution.NbOutputMaps, deconvolution.NbGroups, deconvolution.KernelWeights, deconvolution.BiasWeights),
        ],
        IPoolingLayer pooling =>
        [
            Text("ParameterType", "Pooling"),
            Text("PoolingType", pooling.PoolingType switch { PoolingType.Max => "MAX", PoolingType.Average => "AVERAGE", _ => "MAX_AVERAGE_BLEND" }),
            .. Window("WindowSize", pooling.WindowSizeNd, pooling.PaddingMode, pooling.PrePadding, pooling.PostPadding, pooling.StrideNd),
            Number("BlendFactor", pooling.BlendFactor),
            Number("AverageCountExcludesPadding", pooling.AverageCountExcludesPadding ? 1 : 0),
        ],
        ISoftMaxLayer softMax => [Text("ParameterType", "SoftMax"), Number("Axes", softMax.Axes), Number("HasLog", 0)],
        IActivationLayer activation =>
        [
            Text("ParameterType", "Activation"), Text("ActivationType", activation.ActivationType.ToString().ToUpperInvariant()),
            Number("Alpha", activation.Alpha), Number("Beta", activation.Beta),
        ],
        IElementWiseLayer elementWise => [Text("ParameterType", "ElementWise"), Text("Operation", elementWise.Operation.ToString().ToUpperInvariant())],
        IUnaryLayer unary => [Text("ParameterType", "Unary"), Text("Operation", unary.Operation.ToString().ToUpperInvariant())],
        IReduceLayer reduce =>
        [
            Text("ParameterType", "Reduce"), Text("Operation", reduce.Operation.ToString().ToUpperInvariant()), Number("Axes", reduce.ReduceAxes), Number("KeepDimensions", reduce.KeepDimensions ? 1 : 0),
        ],
        IMatrixMultiplyLayer product =>
        [
            Text("ParameterType", "MatrixMultiply"), Text("Operation0", product.GetOperation(0).ToString().ToUpperInvariant()), Text("Operation1", product.GetOperation(1).ToString().ToUpperInvariant()),
        ],
        IConcatenationLayer concatenation => [Text("ParameterType", "Concatenation"), Number("Axis", concatenation.Axis)],
        Layers.PluginLayer plugin =>
        [
            Text("ParameterType", layer.Type.ToString()), Text("PluginName", plugin.Held.Identity.Name), Text("PluginVersion", plugin.Held.Identity.Version),
            Text("PluginNamespace", plugin.Held.Identity.Namespace), Text("PluginMetadata", plugin.Held.Metadata ?? string.Empty),
        ],
        IConstantLayer constant => [Text("ParameterType", "Constant"), Values("Weights", constant.Weights)],
        _ => [],
    };

    private static IEnumerable<PlanLayerParameter> Window(string name, Dims window, PaddingMode mode, Dims before, Dims after, Dims stride) =>
    [
        List(name, window),
        Text("PaddingMode", mode switch
        {
            PaddingMode.ExplicitRoundDown => "kEXPLICIT_ROUND_DOWN",
            PaddingMode.ExplicitRoundUp => "kEXPLICIT_ROUND_UP",
            PaddingMode.SameUpper => "kSAME_UPPER",
            _ => "kSAME_LOWER",
        }),
        List("PrePadding", before),
        List("PostPadding", after),
        List("Stride", stride),
    ];

    private static IEnumerable<PlanLayerParameter> Maps(long maps, long groups, Weights kernel, Weights bias) =>
        [Number("OutMaps", maps), Number("Groups", groups), Values("Weights", kernel), Values("Bias", bias), Text("Activation", "NONE"), Number("HasBias", bias.Count > 0 ? 1 : 0)];

    private static PlanLayerParameter Text(string name, string value) => new(name, value, true);

    private static PlanLayerParameter Number(string name, double value) => new(name, value.ToString("R", CultureInfo.InvariantCulture), !double.IsFinite(value));

    private static PlanLayerParameter List(string name, Dims dims) => new(name, $"[{string.Join(',', dims.ToArray())}]", false);

    private static PlanLayerParameter Values(string name, Weights weights) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"{{\"Type\": \"{Types.Name(weights.Type)}\", \"Count\": {weights.Count}}}"), false);
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>Which layers compute in 16 bits without harm.</summary>
internal static class TypeRules
{
    /// <summary>What a layer does by its kind, and why where it keeps 32 bits.</summary>
    public static (TypeRule Rule, string Reason) Of(ILayer layer, NetworkGraph graph, PrecisionRules rules) => layer switch
    {
        IConstantLayer or ICastLayer or IShapeLayer or IQuantizeLayer or IDequantizeLayer => (TypeRule.Free, string.Empty),
        IConvolutionLayer or IDeconvolutionLayer or IFullyConnectedLayer or IMatrixMultiplyLayer or IEinsumLayer or IAttentionBoundaryLayer => (TypeRule.Narrow, string.Empty),
        IIteratorLayer => (FeedsProducts(layer, graph) ? TypeRule.Narrow : TypeRule.Keeps, string.Empty),
        ILoopBoundaryLayer => (TypeRule.Keeps, string.Empty),
        _ when graph.IsInLoop(layer) && !IsMove(layer) => (TypeRule.Keeps, "it is a part of a loop, which carries its state along"),
        IGatherLayer gather => (graph.IsConstant(gather.GetInput(0)!) && !graph.IsConstant(gather.GetInput(1)!) ? TypeRule.Narrow : TypeRule.Follows, string.Empty),
        IElementWiseLayer elements => OfElementWise(elements),
        IUnaryLayer unary => OfUnary(unary),
        IReduceLayer reduce => reduce.Operation is ReduceOperation.Max or ReduceOperation.Min ? (TypeRule.Follows, string.Empty) : (TypeRule.Keeps, "it adds many numbers up"),
        ISoftMaxLayer softMax => rules.ConvertsSoftMax && !IsBeforeLogarithm(softMax, graph) ? (TypeRule.Follows, string.Empty) : (TypeRule.Keeps, "softmax has exponentials"),
        IActivationLayer or IScaleLayer or IParametricReLULayer or IPoolingLayer or IResizeLayer or ITopKLayer or IRotaryEmbeddingLayer or
            IShuffleLayer or ISliceLayer or IConcatenationLayer or IIdentityLayer or ISqueezeLayer or IUnsqueezeLayer or IPaddingLayer or ISelectLayer or IScatterLayer or
            IReverseSequenceLayer or IIfConditionalBoundaryLayer => (TypeRule.Follows, string.Empty),
        INormalizationLayer or ILRNLayer => (TypeRule.Keeps, "normalizations need their statistics in 32 bits"),
        IRaggedSoftMaxLayer => (TypeRule.Keeps, "softmax has exponentials"),
        ICumulativeLayer => (TypeRule.Keeps, "it adds many numbers up"),
        IPluginV2Layer or IPluginV3Layer => (TypeRule.Keeps, "what types a plugin takes is its own business"),
        _ => (TypeRule.Keeps, $"layers of type {layer.Type} are computed in 32 bits"),
    };

    private static (TypeRule, string) OfElementWise(IElementWiseLayer layer) => layer.Operation switch
    {
        ElementWiseOperation.Pow => (TypeRule.Keeps, "powers soon leave the range of 16 bits"),
        ElementWiseOperation.Equal or ElementWiseOperation.Greater or ElementWiseOperation.Less => (TypeRule.FollowsAll, string.Empty),
        _ => (TypeRule.Follows, string.Empty),
    };

    private static (TypeRule, string) OfUnary(IUnaryLayer layer) => layer.Operation switch
    {
        UnaryOperation.Abs or UnaryOperation.Neg or UnaryOperation.Ceil or UnaryOperation.Floor or UnaryOperation.Round or UnaryOperation.Sign or UnaryOperation.Sqrt or UnaryOperation.Recip
            or UnaryOperation.Erf or UnaryOperation.Not or UnaryOperation.Isinf or UnaryOperation.Isnan => (TypeRule.Follows, string.Empty),
        UnaryOperation.Exp or UnaryOperation.Log => (TypeRule.Keeps, "exponentials and logarithms soon leave the range of 16 bits"),
        _ => (TypeRule.Keeps, "trigonometric and hyperbolic functions lose their arguments in 16 bits"),
    };

    private static bool IsMove(ILayer layer) => layer is IShuffleLayer or ISqueezeLayer or IUnsqueezeLayer or IIdentityLayer;

    /// <summary>Whether what a layer makes is only moved and then multiplied: in a loop that is cast once before it, and not again in every round.</summary>
    private static bool FeedsProducts(ILayer layer, NetworkGraph graph) => graph.Readers(layer.GetOutput(0)) is { Count: > 0 } readers && readers.TrueForAll(reader =>
        reader.Layer is IMatrixMultiplyLayer or IConvolutionLayer or IDeconvolutionLayer or IEinsumLayer || (IsMove(reader.Layer) && reader.Input == 0 && FeedsProducts(reader.Layer, graph)));

    private static bool IsBeforeLogarithm(ISoftMaxLayer layer, NetworkGraph graph) => graph.Readers(layer.GetOutput(0)).Exists(reader => reader.Layer is IUnaryLayer { Operation: UnaryOperation.Log });
}

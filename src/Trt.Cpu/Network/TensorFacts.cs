namespace Trt.Cpu;

/// <summary>What is known of a tensor before a run.</summary>
/// <param name="Dims">Its shape.</param>
/// <param name="Values">Its values, where shapes can be computed from them: at most <see cref="MostValues"/> integers.</param>
/// <param name="Reals">The same of a tensor of real numbers.</param>
internal sealed record TensorFacts(DimExpr[] Dims, DimExpr[]? Values, SmallReals? Reals = null)
{
    /// <summary>Tensors with more elements are data, not shapes.</summary>
    public const int MostValues = 64;
}

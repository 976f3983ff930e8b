namespace Trt.Cpu;

/// <summary>What is known of a tensor before a run.</summary>
/// <param name="Dims">Its shape.</param>
/// <param name="Values">Its values, where shapes can be computed from them: at most <see cref="MostValues"/> integers.</param>
internal sealed record TensorFacts(DimExpr[] Dims, DimExpr[]? Values)
{
    /// <summary>The values of a tensor of floats where they are known to be whole numbers: integers that were cast, and become integers again.</summary>
    public DimExpr[]? Wholes { get; init; }

    /// <summary>Tensors with more elements are data, not shapes.</summary>
    public const int MostValues = 64;
}

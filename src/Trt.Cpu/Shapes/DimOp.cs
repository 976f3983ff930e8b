namespace Trt.Cpu;

/// <summary>What a <see cref="DimExpr"/> is.</summary>
internal enum DimOp : byte
{
    Constant,
    Extent,
    Value,
    Sum,
    Product,
    Max,
    Min,
    FloorDiv,
    CeilDiv,
    TruncDiv,
    Broadcast,

    /// <summary>The second where the first is 0, as for placeholders in reshapes.</summary>
    OrElse,
}

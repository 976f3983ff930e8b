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
}

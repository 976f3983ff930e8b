namespace Trt.Cpu;

/// <summary>What a <see cref="DimExpr"/> is.</summary>
internal enum DimOp : byte
{
    Constant,
    Extent,
    Value,

    /// <summary>An extent that a layer's computation decides; a run knows it once the layer has run.</summary>
    Unknown,
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

    /// <summary>1 where both are the same, else 0.</summary>
    Equal,

    /// <summary>1 where the first is less than the second, else 0.</summary>
    Less,
}

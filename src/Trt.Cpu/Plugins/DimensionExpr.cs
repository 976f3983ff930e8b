using Trt.Interop;
using Trt.Interop.Core;

namespace Trt.Cpu;

/// <summary>A dimension as plugins see it.</summary>
internal sealed unsafe class DimensionExpr(DimExpr value, bool isSizeTensor = false) : IDimensionExpr
{
    public DimExpr Value { get; } = value;

    public bool IsConstant => Value.IsConstant;

    public long ConstantValue => Value.IsConstant ? Value.Number : long.MinValue;

    public bool IsSizeTensor { get; } = isSizeTensor;

    /// <summary>The dimension that a plugin handed back, perhaps through native code.</summary>
    public static DimensionExpr? Of(IDimensionExpr? expression) => expression switch
    {
        DimensionExpr own => own,
        NativeObject native => Stub.At(native.Address)?.Target as DimensionExpr,
        _ => null,
    };
}

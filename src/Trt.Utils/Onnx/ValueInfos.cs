using Trt.Interop;
using Trt.Onnx;
using Kind = Trt.Onnx.TypeProto.ValueOneofCase;

namespace Trt.Utils;

/// <summary>Declared types of inputs and outputs.</summary>
internal static class ValueInfos
{
    public static OnnxValueInfo Of(ValueInfoProto value)
    {
        OnnxValueInfo info = new() { Name = value.Name, Kind = KindOf(value.Type?.ValueCase ?? Kind.None) };
        return TensorType.Of(value.Type) is not { } type ? info
            : type.Dims.IsDefault ? info with { ElementType = type.Element }
            : info with { ElementType = type.Element, Dims = [.. type.Dims.Select(dim => dim.Value)], DimNames = [.. type.Dims.Select(dim => dim.Symbol)] };
    }

    private static OnnxValueKind KindOf(Kind kind) => kind switch
    {
        Kind.TensorType => OnnxValueKind.Tensor,
        Kind.SequenceType => OnnxValueKind.Sequence,
        Kind.MapType => OnnxValueKind.Map,
        Kind.OpaqueType => OnnxValueKind.Opaque,
        Kind.SparseTensorType => OnnxValueKind.SparseTensor,
        Kind.OptionalType => OnnxValueKind.Optional,
        _ => OnnxValueKind.Unknown,
    };
}

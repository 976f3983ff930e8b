using System.Collections.Immutable;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>What is known of a tensor's type.</summary>
/// <param name="Element">What the elements are; Undefined where not known.</param>
/// <param name="Dims">Extents; the default value where not even their number is known.</param>
internal readonly record struct TensorType(OnnxElementType Element, ImmutableArray<OnnxDim> Dims)
{
    public bool IsStatic => !Dims.IsDefault && Dims.All(dim => dim.IsKnown);

    public static TensorType? Of(TypeProto? type)
    {
        if (type?.TensorType is not { } tensor)
        {
            return null;
        }

        return new TensorType((OnnxElementType)tensor.ElemType, tensor.Shape is null ? default : [.. tensor.Shape.Dim.Select(Of)]);
    }

    public static TensorType Of(TensorProto tensor) => new((OnnxElementType)tensor.DataType, [.. tensor.Dims.Select(dim => new OnnxDim(Math.Max(dim, -1)))]);

    public static TensorType Of(OnnxValueInfo info) => new(info.ElementType, info.Dims.IsDefault ? default : [.. info.Dims.Select((dim, i) => dim >= 0 ? new OnnxDim(dim) : new OnnxDim(info.DimNames[i]))]);

    public TypeProto ToProto()
    {
        TypeProto.Types.Tensor tensor = new() { ElemType = (int)Element };
        if (!Dims.IsDefault)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.Add(Dims.Select(ToProto));
        }

        return new TypeProto { TensorType = tensor };
    }

    public static TensorShapeProto.Types.Dimension ToProto(OnnxDim dim)
    {
        TensorShapeProto.Types.Dimension proto = new();
        if (dim.IsKnown)
        {
            proto.DimValue = dim.Value;
        }
        else if (dim.Symbol.Length > 0)
        {
            proto.DimParam = dim.Symbol;
        }

        return proto;
    }

    /// <summary>What both say, the first where they differ.</summary>
    public static TensorType? Merge(TensorType? first, TensorType? second)
    {
        if (first is not { } a || second is not { } b)
        {
            return first ?? second;
        }

        if (a.Dims.IsDefault || b.Dims.IsDefault || a.Dims.Length != b.Dims.Length)
        {
            return a.Dims.IsDefault ? new TensorType(a.Element == OnnxElementType.Undefined ? b.Element : a.Element, b.Dims) : a;
        }

        return new TensorType(a.Element == OnnxElementType.Undefined ? b.Element : a.Element, [.. a.Dims.Zip(b.Dims, (x, y) => x.IsKnown || (x.Symbol.Length > 0 && !y.IsKnown) ? x : y)]);
    }

    private static OnnxDim Of(TensorShapeProto.Types.Dimension dim) => dim.ValueCase switch
    {
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue when dim.DimValue >= 0 => new OnnxDim(dim.DimValue),
        TensorShapeProto.Types.Dimension.ValueOneofCase.DimParam => new OnnxDim(dim.DimParam),
        _ => default,
    };
}

using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;
using Trt.Interop;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>Types of a session's inputs and outputs.</summary>
internal static unsafe class OrtTypeReader
{
    /// <summary>The release (1.24) from which on a scalar can be told from a tensor of unknown rank; before, both are of unknown rank here.</summary>
    private const int ApiOfHasShape = 24;

    public static OnnxValueInfo Input(OrtSession session, int index, string name)
    {
        OrtTypeInfo* info;
        session.Environment.Check(session.Environment.Api.SessionGetInputTypeInfo(session.Handle.Session, (nuint)index, &info), $"tell the type of input \"{name}\"");
        return Read(session.Environment, info, name);
    }

    public static OnnxValueInfo Output(OrtSession session, int index, string name)
    {
        OrtTypeInfo* info;
        session.Environment.Check(session.Environment.Api.SessionGetOutputTypeInfo(session.Handle.Session, (nuint)index, &info), $"tell the type of output \"{name}\"");
        return Read(session.Environment, info, name);
    }

    private static OnnxValueInfo Read(OrtEnvironment environment, OrtTypeInfo* info, string name)
    {
        OrtApi api = environment.Api;
        try
        {
            ONNXType kind;
            environment.Check(api.GetOnnxTypeFromTypeInfo(info, &kind), $"tell the kind of \"{name}\"");
            if (kind is not (ONNXType.ONNX_TYPE_TENSOR or ONNXType.ONNX_TYPE_SPARSETENSOR))
            {
                return new OnnxValueInfo { Name = name, Kind = KindOf(kind) };
            }

            OrtTensorTypeAndShapeInfo* tensor; // belongs to info
            ONNXTensorElementDataType type;
            nuint rank;
            environment.Check(api.CastTypeInfoToTensorInfo(info, &tensor), $"tell the shape of \"{name}\"");
            environment.Check(api.GetTensorElementType(tensor, &type), $"tell the element type of \"{name}\"");
            environment.Check(api.GetDimensionsCount(tensor, &rank), $"tell the rank of \"{name}\"");
            OnnxValueInfo value = new() { Name = name, Kind = KindOf(kind), ElementType = ((OrtElementType)type).ToOnnx() };
            if (rank == 0 && (environment.ApiVersion < ApiOfHasShape || api.TensorTypeAndShape_HasShape(tensor) == 0))
            {
                return value;
            }

            long[] dims = new long[(int)rank];
            nint[] symbols = new nint[(int)rank];
            fixed (long* dimensions = dims)
            fixed (nint* texts = symbols)
            {
                environment.Check(api.GetDimensions(tensor, dimensions, rank), $"tell the shape of \"{name}\"");
                environment.Check(api.GetSymbolicDimensions(tensor, (byte**)texts, rank), $"tell the shape of \"{name}\"");
            }

            return value with { Dims = [.. dims], DimNames = [.. symbols.Select((text, i) => dims[i] >= 0 ? string.Empty : Marshal.PtrToStringUTF8(text) ?? string.Empty)] };
        }
        finally
        {
            api.ReleaseTypeInfo(info);
        }
    }

    private static OnnxValueKind KindOf(ONNXType kind) => kind switch
    {
        ONNXType.ONNX_TYPE_TENSOR => OnnxValueKind.Tensor,
        ONNXType.ONNX_TYPE_SEQUENCE => OnnxValueKind.Sequence,
        ONNXType.ONNX_TYPE_MAP => OnnxValueKind.Map,
        ONNXType.ONNX_TYPE_OPAQUE => OnnxValueKind.Opaque,
        ONNXType.ONNX_TYPE_SPARSETENSOR => OnnxValueKind.SparseTensor,
        ONNXType.ONNX_TYPE_OPTIONAL => OnnxValueKind.Optional,
        _ => OnnxValueKind.Unknown,
    };
}

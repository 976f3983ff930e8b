using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Tensors of files as those of ONNX, and back.</summary>
internal static class Tensors
{
    public static OnnxTensor ToOnnx(TorchTensor tensor) => OnnxTensor.FromBytes(tensor.DType.ToOnnx(), tensor.Shape.AsSpan(), tensor.ToContiguous().Bytes.ToArray());

    public static TorchTensor ToTorch(OnnxTensor tensor, string name) => TorchTensor.FromBytes(tensor.AsBytes().ToArray(), ElementType.Of(tensor.ElementType, name), tensor.Dims.AsSpan()).WithName(name);
}

using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Onnx;

namespace Trt.Utils.Tests.Refitting;

/// <summary>lenet.onnx with other weights, in a file that goes with the test.</summary>
internal sealed class ScratchOnnx : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-refit-").FullName;

    public ScratchOnnx(Func<float, float> change) => Write(change);

    public string Path => System.IO.Path.Combine(folder, "lenet.onnx");

    public void Write(Func<float, float> change)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(ModelFiles.Find("lenet.onnx")));
        foreach (TensorProto tensor in model.Graph.Initializer.Where(tensor => tensor.DataType == 1))
        {
            float[] values = tensor.RawData.IsEmpty ? [.. tensor.FloatData] : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(Array.ConvertAll(values, value => change(value)).AsSpan()));
        }

        File.WriteAllBytes(Path, model.ToByteArray());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}

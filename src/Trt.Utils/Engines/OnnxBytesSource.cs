using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>An ONNX model in memory.</summary>
internal sealed class OnnxBytesSource(ReadOnlyMemory<byte> model, string? folder) : ModelSource("onnx", "the ONNX model in memory")
{
    public override string ComputeHash()
    {
        using Stream stream = Open();
        return OnnxHash.Of(stream, folder);
    }

    internal override IDisposable Define(BuildWork work, INetworkDefinition network)
    {
        using (Stream stream = Open())
        {
            OnnxImport.Check(stream, Name, folder);
        }

        // A parser takes the path of a file and looks in its folder.
        return OnnxImport.Run(work, network, Name, parser => parser.Parse(model.Span, folder is null ? null : Path.Combine(Path.GetFullPath(folder), "model.onnx")));
    }

    private MemoryStream Open() => MemoryMarshal.TryGetArray(model, out ArraySegment<byte> array)
        ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
        : new MemoryStream(model.ToArray(), writable: false);
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>An ONNX file, perhaps with external data beside it.</summary>
internal sealed class OnnxFileSource(string path) : ModelSource("onnx", path)
{
    public override string ComputeHash()
    {
        using FileStream file = OnnxImport.Open(Name);
        return OnnxHash.Of(file, Path.GetDirectoryName(Path.GetFullPath(Name)));
    }

    internal override IDisposable Define(BuildWork work, INetworkDefinition network)
    {
        using (FileStream file = OnnxImport.Open(Name))
        {
            OnnxImport.Check(file, Name, Path.GetDirectoryName(Path.GetFullPath(Name)));
        }

        return OnnxImport.Run(work, network, Name, parser => parser.ParseFromFile(Name, (int)Severity.Warning));
    }
}

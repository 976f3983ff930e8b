using Trt.Interop;
using Trt.Interop.NvCaffeParser;
using Trt.Interop.NvOnnxParser;

namespace LowLevelApi;

/// <summary>Networks out of model files: ONNX everywhere, Caffe where the library still has its parser (TensorRT 8).</summary>
internal static class ModelImport
{
    /// <summary>Fills a network from an ONNX file. The parser must live until the engine is built: the network reads weights in its memory.</summary>
    public static IParser FromOnnx(TensorRtLibrary library, INetworkDefinition network, string file, ILogger logger)
    {
        IParser parser = library.CreateParser(network, logger);
        parser.ParseFromFile(file, (int)Severity.Warning);
        return parser;
    }

    /// <summary>Fills a network from a prototxt and a caffemodel, and marks the blobs that are wanted.</summary>
    public static ICaffeParser FromCaffe(TensorRtLibrary library, INetworkDefinition network, string prototxt, string caffemodel, params ReadOnlySpan<string> outputs)
    {
        ICaffeParser parser = library.CreateCaffeParser();
        IBlobNameToTensor blobs = parser.Parse(prototxt, caffemodel, network, DataType.Float);
        foreach (string output in outputs)
        {
            network.MarkOutput(blobs.Find(output) ?? throw new ArgumentException($"{prototxt} has no blob \"{output}\"."));
        }

        return parser;
    }
}

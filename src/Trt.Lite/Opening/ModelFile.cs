using System.Buffers.Binary;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Tells kinds of model files apart.</summary>
internal static class ModelFile
{
    /// <summary>The kind of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="head">The head of a plan; null when it is none.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">It is of a kind that no supported release reads.</exception>
    public static Framework Recognise(string path, out PlanHead? head)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(Directory.Exists(path) ? $"{path} is a folder: name a model's file." : $"There is no model {path}.", path);
        }

        head = PlanHead.Read(path);
        if (head.Format != PlanFormat.Unknown)
        {
            return Framework.Plan;
        }

        head = null;
        byte[] start = new byte[16];
        using (FileStream file = File.OpenRead(path))
        {
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }

        string extension = Path.GetExtension(path).ToLowerInvariant();
        return extension is ".plan" or ".engine" ? Framework.Plan
            : LooksLikeOnnx(start) || extension == ".onnx" ? Framework.Onnx
            : extension switch
            {
                ".pb" or ".tflite" => throw Foreign(path, "a TensorFlow model", "tf2onnx"),
                ".uff" => throw Foreign(path, "a UFF model", "tf2onnx, from the TensorFlow model that it was made of"),
                ".prototxt" or ".caffemodel" => throw Foreign(path, "a Caffe model", "caffe2onnx"),
                _ => Framework.Weights,
            };
    }

    /// <summary>An ONNX file begins with its version, field 1 of ModelProto, and a further field; a safetensors file may begin with the same byte, its header's length.</summary>
    private static bool LooksLikeOnnx(ReadOnlySpan<byte> start) =>
        start is [0x08, > 0 and < 64, 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72, ..] && !(start.Length > 8 && start[8] == '{' && BinaryPrimitives.ReadInt64LittleEndian(start) < 1 << 27);

    private static NotSupportedException Foreign(string path, string what, string tool) => new($"{path} is {what}, which TensorRT does not read any more: convert it to ONNX with {tool}.");
}

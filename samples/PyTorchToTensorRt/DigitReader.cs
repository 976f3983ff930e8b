using System.Numerics.Tensors;
using Trt.Interop;
using Trt.Utils;

namespace PyTorchToTensorRt;

/// <summary>Pictures of digits in, digits out.</summary>
internal sealed class DigitReader(string? onnxPath = null, string? planPath = null, TensorRtLibrary? library = null, bool fp16 = false)
    : ModelWrapper<string, int>([1, 1, 28, 28], onnxPath, planPath, library, fp16: fp16)
{
    /// <summary>Reads all pictures of a folder, whose names begin with what they show.</summary>
    /// <returns>How many were read right, as text.</returns>
    public string Score(string folder)
    {
        string[] files = Directory.GetFiles(folder, "*.pgm");
        return $"{files.Count(file => Run(file) == Path.GetFileName(file)[0] - '0')} of {files.Length} digits";
    }

    /// <summary>Loads a picture as the model wants it: 28×28 grey pixels in 0 to 1.</summary>
    public static float[] Load(string file)
    {
        float[] values = new float[28 * 28];
        Image.Load(file).ToGrey().Resize(28, 28).CopyTo(values, PixelScaling.ZeroToOne);
        return values;
    }

    protected override float[] ProcessItem(string item) => Load(item);

    protected override int ProcessPredictions(ReadOnlySpan<float> predictions) => TensorPrimitives.IndexOfMax(predictions);
}

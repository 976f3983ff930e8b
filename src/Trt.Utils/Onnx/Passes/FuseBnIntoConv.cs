using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>BatchNormalization(Conv(x, w, b)) with constants: w' = w·s/√(v+ε), b' = (b−m)·s/√(v+ε) + t, one factor for each output channel.</summary>
internal sealed class FuseBnIntoConv() : NodePass("fuse_bn_into_conv", "BatchNormalization goes into the convolution before it")
{
    private const int InferenceByDefault = 7;
    private const int TrainingMode = 14;

    protected override bool Change(EditableGraph graph, NodeProto node)
    {
        if (!node.Is("BatchNormalization") || node.Input.Count != 5 || node.OutputAt(0) is not { } output || Trains(graph, node) || node.Int("spatial", 1) != 1
            || graph.Producer(node.Input[0], "Conv") is not { } conv || !graph.HasOneUse(node.Input[0])
            || graph.Constant(conv.InputAt(1)) is not { } weight || weight.Dims.Length < 3 || !FloatNumbers.Supports(weight.ElementType))
        {
            return false;
        }

        long channels = weight.Dims[0];
        OnnxTensor? bias = graph.Constant(conv.InputAt(2));
        OnnxTensor?[] four = [.. Enumerable.Range(1, 4).Select(i => graph.Constant(node.Input[i]))];
        if ((conv.InputAt(2) is not null && bias is null) || four.Append(bias ?? weight).Any(tensor => tensor?.ElementType != weight.ElementType) || four.Any(tensor => tensor!.ElementCount != channels))
        {
            return false;
        }

        double[] scale = FloatNumbers.Read(four[0]!), shift = FloatNumbers.Read(four[1]!), mean = FloatNumbers.Read(four[2]!), variance = FloatNumbers.Read(four[3]!);
        double[] weights = FloatNumbers.Read(weight), offsets = bias is null ? new double[channels] : FloatNumbers.Read(bias);
        double epsilon = node.Float("epsilon", 1e-5f);
        int each = channels == 0 ? 0 : (int)(weights.Length / channels);
        for (int channel = 0; channel < channels; channel++)
        {
            double factor = scale[channel] / Math.Sqrt(variance[channel] + epsilon);
            offsets[channel] = ((offsets[channel] - mean[channel]) * factor) + shift[channel];
            foreach (ref double value in weights.AsSpan(channel * each, each))
            {
                value *= factor;
            }
        }

        graph.SetInput(conv, 1, graph.AddInitializer($"{conv.Input[1]}_bn", FloatNumbers.Write(weight.ElementType, weight.Dims.AsSpan(), weights)));
        graph.SetInput(conv, 2, graph.AddInitializer($"{output}_bias", FloatNumbers.Write(weight.ElementType, [channels], offsets)));
        graph.HandOver(node, conv, 0, output);
        return true;
    }

    /// <summary>Whether mean and variance are those of the batch; it then has more outputs, too.</summary>
    private static bool Trains(EditableGraph graph, NodeProto node) => node.Output.Skip(1).Any(graph.IsUsed)
        || (graph.Model.Opset < InferenceByDefault ? node.Int("is_test", 0) == 0 : graph.Model.Opset >= TrainingMode && node.Int("training_mode", 0) != 0);
}

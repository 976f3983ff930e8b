using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>What marking debug tensors answers, on the CPU runtime and on TensorRT-RTX.</summary>
[Collection(RtxCollection.Name)]
public class DebugMarkTests
{
    private static readonly string[] Expected =
    [
        "mark: done, True", "mark again: done, True", "unmark: done, False", "unmark again: done, False", "mark an input: done, True",
        "mark a constant: done, True", "unfused: done", "unfused again: done", "no unfused: done", "no unfused again: done",
    ];

    [Fact]
    public void CpuRuntimeAnswers()
    {
        using TestEngine test = new();
        Assert.Equal(Expected, Answers(test.Network(NetworkDefinitionCreationFlag.StronglyTyped)));
    }

    [SkippableFact]
    public void TensorRtRtxAnswersTheSame()
    {
        using IBuilder builder = RtxLibrary.Load().CreateInferBuilder(new CollectingLogger());
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        Assert.Equal(Expected, Answers(network));
    }

    private static List<string> Answers(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [1, 4]);
        ITensor y = network.AddActivation(x, ActivationType.Relu).GetOutput(0);
        ITensor constant = network.AddConstant([1, 1], Weights.From((float[])[1])).GetOutput(0);
        List<string> answers = [];
        Step("mark", () => network.MarkDebug(y), y);
        Step("mark again", () => network.MarkDebug(y), y);
        Step("unmark", () => network.UnmarkDebug(y), y);
        Step("unmark again", () => network.UnmarkDebug(y), y);
        Step("mark an input", () => network.MarkDebug(x), x);
        Step("mark a constant", () => network.MarkDebug(constant), constant);
        Step("unfused", network.MarkUnfusedTensorsAsDebugTensors, null);
        Step("unfused again", network.MarkUnfusedTensorsAsDebugTensors, null);
        Step("no unfused", network.UnmarkUnfusedTensorsAsDebugTensors, null);
        Step("no unfused again", network.UnmarkUnfusedTensorsAsDebugTensors, null);
        return answers;

        void Step(string name, Action action, ITensor? tensor)
        {
            string result = "done";
            try
            {
                action();
            }
            catch (TensorRtException)
            {
                result = "refused";
            }

            answers.Add(tensor is null ? $"{name}: {result}" : $"{name}: {result}, {network.IsDebugTensor(tensor)}");
        }
    }
}

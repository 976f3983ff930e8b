using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Inference;

/// <summary>Runners made of a plan in one line.</summary>
public class LoadTests
{
    [Fact]
    public void FilesAndBytes()
    {
        using RunnerRig rig = new();
        byte[] plan = rig.LeNet((1, 20, 32));
        using ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "lenet.plan");
        File.WriteAllBytes(path, plan);
        using InferenceRunner ofFile = InferenceRunner.Load(path, rig.Library);
        using InferenceRunner ofBytes = InferenceRunner.Load(plan, rig.Library, new RunnerOptions { Name = "digits" });
        Assert.Equal("lenet.plan", ofFile.Name);
        Assert.Equal("digits: data Float -1x1x28x28 → prob Float -1x10", ofBytes.ToString());
        Assert.Equal(TestDevice.Current, ofFile.Device);
        float[] first = new float[200], second = new float[200];
        ofFile.Run<float, float>(RunnerRig.Digits(20), first);
        ofBytes.Run<float, float>(RunnerRig.Digits(20), second);
        Assert.Equal(first, second);
        float worst = RunnerRig.Golden("lenet_fp32.npz", "set0.prob").Zip(first, (right, mine) => Math.Abs(right - mine)).Max();
        Assert.InRange(worst, 0, 5e-3f);
    }

    [Fact]
    public void WhatIsNoPlan()
    {
        using RunnerRig rig = new();
        using ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "x.plan");
        RunnerOptions quiet = new() { Logger = rig.Log };
        Assert.Throws<FileNotFoundException>(() => InferenceRunner.Load(path, rig.Library));
        File.WriteAllBytes(path, []);
        Assert.ThrowsAny<Exception>(() => InferenceRunner.Load(path, rig.Library, quiet));
        File.WriteAllText(path, "no plan at all, but a text");
        Assert.ThrowsAny<Exception>(() => InferenceRunner.Load(path, rig.Library, quiet));
        File.WriteAllBytes(path, rig.LeNet((1, 1, 1))[..^100]);
        Exception cut = Assert.ThrowsAny<Exception>(() => InferenceRunner.Load(path, rig.Library, quiet));
        Assert.True(cut is TensorRtException or EngineFileException, cut.ToString());
        Assert.Throws<TensorRtException>(() => InferenceRunner.Load("text"u8, rig.Library, quiet));
    }
}

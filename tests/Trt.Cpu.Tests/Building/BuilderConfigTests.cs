using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Building;

/// <summary>Settings as TensorRT-RTX 1.6.1 keeps or refuses them on a machine without a DLA.</summary>
public class BuilderConfigTests
{
    [Fact]
    public void RefitFlagsExcludeOneAnother()
    {
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        config.SetFlag(BuilderFlag.Refit);
        config.SetFlag(BuilderFlag.RefitIdentical);
        Assert.Equal<Mask<BuilderFlag>>([BuilderFlag.TF32, BuilderFlag.RefitIdentical], config.Flags);
        Assert.Equal("Unset previous flag because kREFIT, kREFIT_INDIVIDUAL and kREFIT_IDENTICAL are mutually exclusive.", test.Log.Lines.Last().Text);
        config.Flags = [BuilderFlag.Refit, BuilderFlag.RefitIndividual];
        Assert.Contains("IBuilderConfig::setFlags: Error Code 3: API Usage Error", test.Log.Errors.Last(), StringComparison.Ordinal);
        Assert.Equal<Mask<BuilderFlag>>([BuilderFlag.TF32, BuilderFlag.RefitIdentical], config.Flags);
    }

    [Theory]
    [InlineData(MemoryPoolType.Workspace, 1000, true)]
    [InlineData(MemoryPoolType.Workspace, 0, true)]
    [InlineData(MemoryPoolType.DLAManagedSRAM, 0, false)]
    [InlineData(MemoryPoolType.DLALocalDRAM, 1 << 20, false)]
    [InlineData(MemoryPoolType.DLAGlobalDRAM, 1 << 20, false)]
    [InlineData(MemoryPoolType.TacticDRAM, 1000, false)]
    [InlineData(MemoryPoolType.TacticDRAM, 1 << 20, true)]
    [InlineData(MemoryPoolType.TacticSharedMemory, 1000, true)]
    public void PoolsAreAsLargeAsAllowed(MemoryPoolType pool, int size, bool taken)
    {
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        nuint before = config.GetMemoryPoolLimit(pool);
        config.SetMemoryPoolLimit(pool, (nuint)size);
        Assert.Equal(taken ? (nuint)size : before, config.GetMemoryPoolLimit(pool));
        Assert.Equal(taken ? 0 : 1, test.Log.Errors.Count(line => line.StartsWith("IBuilderConfig::setMemoryPoolLimit: Error Code 3", StringComparison.Ordinal)));
    }

    [Fact]
    public void LayersOfADlaNeedAFallback()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ILayer layer = network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu);
        layer.Name = "cut";
        network.MarkOutput(layer.GetOutput(0));
        void Dla(IBuilderConfig config) => config.SetDeviceType(layer, DeviceType.DLA);
        Assert.Contains("cut is to run on a DLA", Assert.Throws<TensorRtException>(() => test.Plan(network, Dla)).Message, StringComparison.Ordinal);
        Assert.Contains("cut is to run on a DLA", Assert.Throws<TensorRtException>(() => test.Plan(network, config => config.DefaultDeviceType = DeviceType.DLA)).Message, StringComparison.Ordinal);
        test.Load(test.Plan(network, config =>
        {
            Dla(config);
            config.SetFlag(BuilderFlag.GPUFallback);
        }));
        using IBuilderConfig plain = test.Builder.CreateBuilderConfig();
        plain.DLACore = 0;
        Assert.Equal(-1, plain.DLACore);
        Assert.False(plain.CanRunOnDLA(layer));
    }

    [Fact]
    public void ValuesWithoutEffectGetAWarning()
    {
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        config.MaxAuxStreams = -1;
        Assert.Contains("setMaxAuxStreams(-1) has no effect", test.Log.Lines.Last().Text, StringComparison.Ordinal);
        config.MaxNbTactics = 0;
        Assert.Contains("setMaxNbTactics(0) has no effect", test.Log.Lines.Last().Text, StringComparison.Ordinal);
        Assert.Empty(test.Log.Errors);
        config.BuilderOptimizationLevel = 9;
        config.BuilderOptimizationLevel = -1;
        Assert.Equal(5, config.BuilderOptimizationLevel);
        Assert.Null(config.GetPluginToSerialize(0));
        Assert.Equal(2, test.Log.Errors.Count());
    }

    [Fact]
    public void BuildSaysWhatItSees()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor w = network.AddConstant([5], Weights.From(new float[5])).GetOutput(0);
        network.MarkOutput(network.AddElementWise(network.AddInput("x", DataType.Float, [5]), w, ElementWiseOperation.Sum).GetOutput(0));
        test.Plan(network);
        IEnumerable<string> lines = test.Log.Lines.Where(line => line.Severity == Severity.Info).Select(line => line.Text);
        Assert.Contains("Detected 1 inputs and 1 output network tensors.", lines);
        Assert.Contains("Total Weights Memory: 20 bytes", lines);
        Assert.Contains(lines, line => line.StartsWith("Engine generation completed in ", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatCannotBeKeepsTheOldValue()
    {
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        config.RuntimePlatform = RuntimePlatform.WindowsAmd64;
        Assert.Equal(RuntimePlatform.SameAsBuild, config.RuntimePlatform);
        config.SetFlag(BuilderFlag.ExcludeLeanRuntime);
        config.Flags = [BuilderFlag.ExcludeLeanRuntime];
        Assert.Equal<Mask<BuilderFlag>>([BuilderFlag.TF32], config.Flags);
        config.SetPreviewFeature((PreviewFeature)(-1), true);
        Assert.False(config.GetPreviewFeature((PreviewFeature)(-1)));
        config.SetMemoryPoolLimit((MemoryPoolType)(-1), 1);
        Assert.Equal<nuint>(0, config.GetMemoryPoolLimit((MemoryPoolType)(-1)));
        config.SetMemoryPoolLimit(MemoryPoolType.TacticSharedMemory, (1 << 30) + 1);
        Assert.Equal<nuint>(1 << 30, config.GetMemoryPoolLimit(MemoryPoolType.TacticSharedMemory));
        Assert.Equal([3, 3, 3, 3, 3, 1, 1, 3], test.Log.Errors.Select(line => line[line.IndexOf("Error Code ", StringComparison.Ordinal) + "Error Code ".Length] - '0'));
        config.Flags = [BuilderFlag.ExcludeLeanRuntime, BuilderFlag.VersionCompatible];
        Assert.True(config.GetFlag(BuilderFlag.ExcludeLeanRuntime));
        Assert.Throws<TensorRtException>(() => config.L2LimitForTiling = -1);
        Assert.Equal(Severity.Warning, test.Log.Lines.Last().Severity);
    }

    [Theory]
    [InlineData(BuilderFlag.FP16, "kFP16")]
    [InlineData(BuilderFlag.Int8, "kINT8")]
    [InlineData(BuilderFlag.BF16, "kBF16")]
    [InlineData(BuilderFlag.FP8, "kFP8")]
    public void StronglyTypedNetworksTakeNoPrecisions(BuilderFlag flag, string name)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
        network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu).GetOutput(0));
        TensorRtException error = Assert.Throws<TensorRtException>(() => test.Plan(network, config => config.SetFlag(flag)));
        Assert.Contains($"Error Code 3: API Usage Error (Parameter check failed, condition: !config.getFlag(BuilderFlag::{name})", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EngineCapability.Safety, "Error Code 10: Internal Error")]
    [InlineData(EngineCapability.DLAStandalone, "Error Code 1: Internal Error")]
    public void OnlyStandardEnginesAreBuilt(EngineCapability capability, string expected)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        network.MarkOutput(network.AddActivation(network.AddInput("x", DataType.Float, [3]), ActivationType.Relu).GetOutput(0));
        Assert.Contains(expected, Assert.Throws<TensorRtException>(() => test.Plan(network, config => config.EngineCapability = capability)).Message, StringComparison.Ordinal);
    }
}

using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Members and enumerators that the loaded release does not have.</summary>
[Collection(RtxCollection.Name)]
public sealed class ReleaseTests
{
    [SkippableFact]
    public void Enumerator_that_the_release_lacks_is_named()
    {
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease());
        Assert.False(small.Library.Supports(BuilderFlag.FP16));

        NotInThisReleaseException exception = Assert.Throws<NotInThisReleaseException>(() => small.Config.SetFlag(BuilderFlag.FP16));

        Assert.Equal("BuilderFlag.kFP16", exception.Name);
        Assert.Contains("BuilderFlag.kFP16 is not in TensorRT-RTX 1.6.1", exception.Message, StringComparison.Ordinal);
        Assert.Contains(exception.Releases, release => release.Contains("10.16", StringComparison.Ordinal));
        Assert.Contains(exception.Releases, release => release.Contains("8.6.1", StringComparison.Ordinal));
        Assert.DoesNotContain(exception.Releases, release => release.Contains("11.1", StringComparison.Ordinal));
        Assert.Throws<NotInThisReleaseException>(() => small.Config.Flags = [BuilderFlag.Int8, BuilderFlag.Refit]);
        Assert.True(small.Build() > 0);
    }

    [SkippableFact]
    public void Flag_is_never_read_back_as_another_one()
    {
        using SmallNetwork small = new(RtxLibrary.Load());
        List<BuilderFlag> kept = [];
        foreach (BuilderFlag flag in Enum.GetValues<BuilderFlag>().Where(flag => small.Library.Supports(flag)))
        {
            small.Config.Flags = [flag];
            bool set = small.Config.GetFlag(flag);

            // The library ignores some of the flags that its header has.
            Assert.Equal(set ? [flag] : [], small.Config.Flags);
            small.Config.Flags = [];
            Assert.False(small.Config.GetFlag(flag), flag.ToString());
            if (set)
            {
                kept.Add(flag);
            }
        }

        Assert.Contains(BuilderFlag.Debug, kept);
        Assert.Contains(BuilderFlag.Refit, kept);
        Assert.Contains(BuilderFlag.TF32, kept);
        Assert.Contains(BuilderFlag.StripPlan, kept);
    }

    [SkippableFact]
    public void Member_that_the_release_lacks_is_named()
    {
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease());
        Assert.False(small.Library.Supports("INetworkDefinition.addPluginV2"));

        NotInThisReleaseException exception = Assert.Throws<NotInThisReleaseException>(() => small.Network.AddPluginV2([small.Input], null!));

        Assert.Equal("INetworkDefinition.addPluginV2", exception.Name);
        Assert.Contains("is not in TensorRT-RTX 1.6.1", exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(exception.Releases);
        Assert.Equal("INetworkDefinition.addFullyConnected", Assert.Throws<NotInThisReleaseException>(() => small.Network.AddFullyConnected(small.Input, 1, Weights.Empty(), Weights.Empty())).Name);
        Assert.Equal("INetworkDefinition.hasImplicitBatchDimension", Assert.Throws<NotInThisReleaseException>(() => small.Network.HasImplicitBatchDimension()).Name);
        Assert.Equal("IBuilderConfig.getInt8Calibrator", Assert.Throws<NotInThisReleaseException>(() => small.Config.Int8Calibrator).Name);
    }
}

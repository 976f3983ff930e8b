using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>NVIDIA's builder takes what the model builders define: strongly typed networks with open extents and a profile.</summary>
public sealed class RtxModelTests(Xunit.Abstractions.ITestOutputHelper log)
{
    [SkippableTheory]
    [InlineData("lenet.pth")]
    [InlineData("unet.pth")]
    [InlineData("encoder.pth")]
    [InlineData("charrnn.pth")]
    [InlineData("shapes_retinanet.pth")]
    public void Builds_a_model_from_its_checkpoint(string file)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip(file));
        Build(library, ModelBuilders.Find(weights)!, weights);
    }

    [SkippableTheory]
    [InlineData("18", false, 1, 2, 2, 2, 2)]
    [InlineData("50", true, 1, 3, 4, 6, 3)]
    [InlineData("ResNeXt", true, 4, 1, 1, 1, 1)]
    public void Builds_a_ResNet(string name, bool isBottleneck, int groups, params int[] blocks)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using WeightsMap weights = new RandomWeights().AddResNet("", blocks, 8, isBottleneck, groups).Map;
        log.WriteLine($"ResNet {name}");
        Build(library, Assert.IsType<ResNet>(ModelBuilders.Find(weights)), weights);
    }

    private void Build(TensorRtLibrary library, IModelBuilder model, WeightsMap weights)
    {
        using NetworkRig rig = new(library, isTyped: true);
        rig.Define(model, weights);
        byte[] plan = rig.Build(RtxLibrary.Target);
        log.WriteLine($"{model.Name}: {rig.Network.NbLayers} layers, plan of {plan.Length:N0} bytes");
        Assert.Equal("vtrt", System.Text.Encoding.ASCII.GetString(plan, 0, 4));
    }
}

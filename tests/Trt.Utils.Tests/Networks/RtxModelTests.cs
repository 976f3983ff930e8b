using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>NVIDIA's builder takes what the model builders define: strongly typed networks with open extents and a profile.</summary>
[Collection(RtxCollection.Name)]
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

    [SkippableFact]
    public void Builds_a_RetinaNet_on_a_MobileNet()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using WeightsMap weights = ResNetTests.MobileRetinaNet();
        Build(library, new RetinaNet(), weights);
    }

    [SkippableTheory]
    [InlineData("lenet.pth")]
    [InlineData("unet.pth")]
    [InlineData("encoder.pth")]
    [InlineData("charrnn.pth")]
    [InlineData("shapes_retinanet.pth")]
    public void Builds_a_model_in_half_precision(string file)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip(file));
        IModelBuilder model = file switch
        {
            "lenet.pth" => new LeNet { Type = DataType.Half },
            "unet.pth" => new UNet { Type = DataType.Half, Height = 64, Width = 64 },
            "encoder.pth" => new TransformerEncoder { Type = DataType.Half, TokenType = DataType.Int64 },
            "charrnn.pth" => new CharacterLstm { Type = DataType.Half, TokenType = DataType.Int64, Batch = 1, Length = 8 },
            _ => new RetinaNet { Type = DataType.BF16, Batch = 1, Height = 256, Width = 256 },
        };
        Build(library, model, weights);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Builds_every_kind_of_module(bool isOpen)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        WeightsMap weights = new RandomWeights()
            .AddKernel("conv", true, 8, 4, 3, 3).AddBatchNorm("bn", 8).AddBetween("up.weight", -1, 1, 8, 4, 2, 2).AddBatchNorm("alone", 4)
            .Add("group.weight", 4).Add("group.bias", 4).Add("act.weight", 4).Add("layer.weight", 8).Add("rnn.weight_ih_l0", 32, 8).Add("rnn.weight_hh_l0", 32, 8).Add("rnn.bias_ih_l0", 32)
            .Add("rnn.weight_ih_l0_reverse", 32, 8).Add("rnn.weight_hh_l0_reverse", 32, 8).Add("gru.weight_ih_l0", 24, 16).Add("gru.weight_hh_l0", 24, 8).Add("gru.bias_hh_l0", 24)
            .Add("attn.in_proj_weight", 24, 8).AddKernel("attn.out_proj", true, 8, 8).Map;
        using NetworkRig rig = new(library, isTyped: true);
        INetworkDefinition network = rig.Network;
        ModelInput Open(string name, DataType type, params long[] dims) =>
            new(name, type, new Dims(isOpen ? [.. dims.Select((extent, axis) => axis == 1 && dims.Length == 4 ? extent : -1)] : dims), new Dims(dims), new Dims(dims), new Dims(dims));
        ITensor picture = rig.Input(Open("picture", DataType.Float, 2, 4, 8, 8));
        ITensor x = network.Conv2dBatchNorm(picture, weights["conv"], weights["bn"], stride: 2, padding: 1);
        x = network.PRelu(network.ConvTranspose2d(x, weights["up"], 2), weights["act"]);
        x = network.GroupNorm(network.BatchNorm(x, weights["alone"]), weights["group"], 2);
        x = network.Add(network.InstanceNorm(x, weights["group"]), network.GroupNorm(x, weights["group"], 1));
        x = network.UpsampleLike(network.Upsample(network.AvgPool2d(network.MaxPool2d(x, 2, ceilMode: true), 2), 2, UpsampleMode.Bicubic), picture, UpsampleMode.Bilinear, alignCorners: true);
        foreach (Func<INetworkDefinition, ITensor, ITensor> activation in ActivationModuleTests.All)
        {
            x = activation(network, x);
        }

        rig.Output(network.AdaptiveAvgPool2d(network.LogSoftmax(x, 1)), "pictures");
        ITensor sequence = rig.Input(new ModelInput("sequence", DataType.Float, isOpen ? [-1, -1, 8] : [2, 5, 8], [2, 5, 8], [2, 5, 8], [2, 5, 8]));
        ITensor padding = rig.Input(Open("padding", DataType.Bool, 2, 5));
        ITensor mask = rig.Input(Open("mask", DataType.Float, 5, 5));
        (ITensor rows, ITensor hidden, ITensor cell) = network.Lstm(network.LayerNorm(sequence, weights["layer"]), weights["rnn"], batchFirst: true);
        ITensor last = network.Gru(rows, weights["gru"], batchFirst: true).Output;
        rig.Output(network.MultiHeadAttention(last, weights["attn"], 2, mask: mask, keyPaddingMask: padding, causal: true, batchFirst: true), "rows");
        rig.Output(hidden, "hidden");
        rig.Output(cell, "cell");

        byte[] plan = rig.Build(RtxLibrary.Target);
        log.WriteLine($"{network.NbLayers} layers, plan of {plan.Length:N0} bytes");
        Assert.NotEmpty(plan);
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

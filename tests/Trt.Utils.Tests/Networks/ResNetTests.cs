using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>ResNets of torchvision's depths with narrow random weights, against the network written as sums.</summary>
public sealed class ResNetTests(Xunit.Abstractions.ITestOutputHelper log)
{
    [Theory]
    [InlineData("18", false, 1, 2, 2, 2, 2)]
    [InlineData("34", false, 1, 3, 4, 6, 3)]
    [InlineData("50", true, 1, 3, 4, 6, 3)]
    [InlineData("101", true, 1, 3, 4, 23, 3)]
    [InlineData("152", true, 1, 3, 8, 36, 3)]
    [InlineData("ResNeXt 50", true, 2, 3, 4, 6, 3)]
    public void A_ResNet_follows_its_definition(string name, bool isBottleneck, int groups, params int[] blocks)
    {
        using WeightsMap weights = new RandomWeights().AddResNet("", blocks, 4, isBottleneck, groups).Map;
        HostTensor picture = HostTensor.Random(2, -1, 1, 1, 3, 64, 64);
        Grid features = PlainTrunks.ResNet(picture, weights, groups)[^1];
        Grid means = Formulas.Pool(features, 1, 1, (2, 2), (2, 2), 0, (inside, _) => inside.Average());
        Grid expected = Formulas.Linear(Grid.From([1, 1, features.Shape[1]], (_, _, c, _) => means[0, c]), weights["fc.weight"], weights["fc.bias"]);
        using NetworkRig rig = new NetworkRig().Define(new ResNet { Height = 64, Width = 64 }, weights);
        Assert.IsType<ResNet>(ModelBuilders.Find(weights));

        float[] actual = rig.Run(picture).Floats;

        double largest = expected.Floats.Max(Math.Abs);
        log.WriteLine($"ResNet {name}: {Near.Furthest(expected.Floats, actual) / largest:g2} of the largest score off");
        Near.Equal(expected.Floats, actual, 2e-5 * largest, "score");
        Assert.Empty(weights.Unused);
    }

    [Fact]
    public void Without_a_classifier_it_gives_features()
    {
        using WeightsMap weights = new RandomWeights().AddResNet("", [1, 1, 1, 1], 2, false, classes: null).Map;
        using NetworkRig rig = new NetworkRig().Define(new ResNet { Batch = 2, Height = -1, Width = -1, InputName = "x", OutputName = "features" }, weights);

        Dictionary<string, HostTensor> outputs = rig.Run(("x", HostTensor.Random(1, -1, 1, 2, 3, 96, 64)));
        Assert.Equal([2, 16], outputs["features"].Shape);
    }

    [Fact]
    public void A_trunk_of_MobileNetV2_follows_its_definition()
    {
        using WeightsMap weights = MobileRetinaNet();
        HostTensor picture = HostTensor.Random(2, -1, 1, 1, 3, 128, 128);
        Grid[] maps = PlainTrunks.MobileNetV2(picture, weights["backbones.MobileNetV2FPN.features"]);
        Grid c5 = maps[2];
        WeightsMap backbone = weights["backbones.MobileNetV2FPN"];
        Grid p6 = Formulas.Conv2d(c5, backbone["pyramid6.weight"], backbone["pyramid6.bias"], 2, 1, 1, 1);
        Grid lateral = Formulas.Conv2d(maps[0], backbone["lateral3.weight"], backbone["lateral3.bias"], 1, 0, 1, 1);
        Grid p4 = Sum(Formulas.Conv2d(maps[1], backbone["lateral4.weight"], backbone["lateral4.bias"], 1, 0, 1, 1), Twice(Formulas.Conv2d(c5, backbone["lateral5.weight"], backbone["lateral5.bias"], 1, 0, 1, 1)));
        Grid p3 = Formulas.Conv2d(Sum(lateral, Twice(p4)), backbone["smooth3.weight"], backbone["smooth3.bias"], 1, 1, 1, 1);
        Grid Head(Grid x, string name) => Formulas.Conv2d(
            Formulas.Conv2d(x, weights[name + ".0.weight"], weights[name + ".0.bias"], 1, 1, 1, 1).Map(value => Math.Max(value, 0)), weights[name + ".2.weight"], weights[name + ".2.bias"], 1, 1, 1, 1);
        using NetworkRig rig = new NetworkRig().Define(Assert.IsType<RetinaNet>(ModelBuilders.Find(weights)), weights);

        Dictionary<string, HostTensor> actual = rig.Run(("input_1", picture));

        Near.Equal(Head(p3, "box_head").Floats, actual["box_1"].Floats, 1e-4, "box_1");
        Near.Equal(Head(p6, "cls_head").Map(Formulas.Sigmoid).Floats, actual["score_4"].Floats, 1e-4, "score_4");
        Assert.Equal(10, actual.Count);
        Assert.Empty(weights.Unused);
    }

    [Fact]
    public void What_is_missing_or_does_not_fit_is_named()
    {
        WeightsMap weights = new RandomWeights().AddResNet("", [1, 1, 1, 1], 2, false).Map;

        Assert.Contains("\"layer3.0.conv2.weight\"", Assert.Throws<KeyNotFoundException>(() => Define(weights.Rename(name => name == "layer3.0.conv2.weight" ? null : name))).Message, StringComparison.Ordinal);
        Assert.Contains("\"layer2.0.bn1.running_var\"", Assert.Throws<KeyNotFoundException>(() => Define(weights.Rename(name => name == "layer2.0.bn1.running_var" ? null : name))).Message, StringComparison.Ordinal);
        Assert.Contains("\"layer2.0.bn1.running_var\"", Assert.Throws<WeightShapeException>(() => Define(weights.With("layer2.0.bn1.running_var", TorchTensor.FromArray(new float[3], 3)))).Message, StringComparison.Ordinal);
        Assert.Contains("\"layer2.0.conv2.weight\"", Assert.Throws<ArgumentException>(() => Define(weights.With("layer2.0.conv2.weight", TorchTensor.FromArray(new float[4 * 3 * 9], 4, 3, 3, 3)))).Message, StringComparison.Ordinal);
        Assert.Contains("\"layer2.0.conv1.weight\"", Assert.Throws<WeightShapeException>(() => Define(weights.With("layer2.0.conv1.weight", TorchTensor.FromArray(new float[4], 4)))).Message, StringComparison.Ordinal);
        Assert.Contains("\"fc.weight\"", Assert.Throws<WeightShapeException>(() => Define(weights.With("fc.weight", TorchTensor.FromArray(new float[10], 5, 2)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_nothing_known_find_no_builder()
    {
        Assert.Null(ModelBuilders.Find(new RandomWeights().AddKernel("stem", true, 4, 4, 3, 3).Map));
        Assert.Equal(ModelBuilders.All.Count, ModelBuilders.All.Select(builder => builder.Name).Distinct().Count());
    }

    private static void Define(WeightsMap weights)
    {
        using NetworkRig rig = new();
        new ResNet().Define(rig.Network, weights);
    }

    /// <summary>A narrow RetinaNet on a MobileNetV2.</summary>
    internal static WeightsMap MobileRetinaNet()
    {
        RandomWeights weights = new();
        const string backbone = "backbones.MobileNetV2FPN.";
        const string features = backbone + "features.features.";
        weights.AddKernel(features + "0.0", false, 4, 3, 3, 3).AddBatchNorm(features + "0.1", 4);
        long channels = 4;
        for (int i = 1; i <= 17; i++)
        {
            long outer = i switch { <= 3 => 4, <= 6 => 6, <= 13 => 8, _ => 10 };
            long inner = i == 1 ? channels : channels * 2;
            string place = $"{features}{i}.conv.";
            int filter = i == 1 ? 0 : 1;
            _ = i == 1 ? weights : weights.AddKernel(place + "0.0", false, inner, channels, 1, 1).AddBatchNorm(place + "0.1", inner);
            weights.AddKernel($"{place}{filter}.0", false, inner, 1, 3, 3).AddBatchNorm($"{place}{filter}.1", inner)
                .AddKernel($"{place}{filter + 1}", false, outer, inner, 1, 1).AddBatchNorm($"{place}{filter + 2}", outer);
            channels = outer;
        }

        weights.AddKernel(features + "18.0", false, 12, channels, 1, 1).AddBatchNorm(features + "18.1", 12).AddKernel(backbone + "features.classifier.1", true, 10, 12);
        foreach ((string name, long inputs, long kernel) in (ReadOnlySpan<(string, long, long)>)
            [("lateral3", 6, 1), ("lateral4", 8, 1), ("lateral5", 10, 1), ("pyramid6", 10, 3), ("pyramid7", 5, 3), ("smooth3", 5, 3), ("smooth4", 5, 3), ("smooth5", 5, 3)])
        {
            weights.AddKernel(backbone + name, true, 5, inputs, kernel, kernel);
        }

        return weights.AddKernel("cls_head.0", true, 5, 5, 3, 3).AddKernel("cls_head.2", true, 18, 5, 3, 3).AddKernel("box_head.0", true, 5, 5, 3, 3).AddKernel("box_head.2", true, 36, 5, 3, 3).Map;
    }

    private static Grid Sum(Grid x, Grid y) => Grid.From(x.Shape, (n, c, i, j) => x[n, c, i, j] + y[n, c, i, j]);

    private static Grid Twice(Grid x) => Grid.From([x.Shape[0], x.Shape[1], x.Shape[2] * 2, x.Shape[3] * 2], (n, c, i, j) => x[n, c, i / 2, j / 2]);
}

using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Engines get other weights by the names of another checkpoint.</summary>
public sealed class RefitNameTests
{
    [SkippableTheory]
    [InlineData("lenet.pth")]
    [InlineData("unet.pth")]
    [InlineData("charrnn.pth")]
    [InlineData("encoder.pth")]
    [InlineData("shapes_retinanet.pth")]
    public void Every_tensor_of_a_checkpoint_is_found_by_its_name(string file)
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip(file));
        using NetworkRig rig = new NetworkRig().Define(ModelBuilders.Find(weights)!, weights);
        using IRefitter refitter = rig.Library.CreateInferRefitter(rig.WithFlag(BuilderFlag.StripPlan).Load(), rig.Log);

        string[] sources = [.. refitter.GetAllWeights().SelectMany(name => RefitRecipe.Of(name).SourcesIn(weights)).Distinct()];

        string[] expected = [.. weights.Names.Where(name => !name.EndsWith("num_batches_tracked", StringComparison.Ordinal) && !name.Contains("features.fc.", StringComparison.Ordinal))];
        Assert.Equal(expected.Order(StringComparer.Ordinal), sources.Order(StringComparer.Ordinal));

        // No weights are beyond the reach of names: a plan without any gets all of them.
        Assert.NotEmpty(refitter.GetMissing());
        SetAll(refitter, weights);
        Assert.Empty(refitter.GetMissing());
    }

    [Fact]
    public void LeNet_gets_other_weights_by_PyTorchs_names()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        using WeightsMap others = Changed(weights);
        HostTensor digits = HostTensor.Random(1, 0, 1, 4, 1, 28, 28);
        using NetworkRig rig = new NetworkRig().Define(new LeNet(), weights);
        using NetworkRig expected = new NetworkRig().Define(new LeNet(), others);
        using (IRefitter refitter = rig.Library.CreateInferRefitter(rig.WithFlag(BuilderFlag.Refit).Load(), rig.Log))
        {
            foreach (string name in others.Names)
            {
                refitter.SetNamedWeights(name, others[name].ToWeights());
            }

            refitter.RefitCudaEngine();
        }

        Near.Equal(expected.Run(digits).Floats, rig.Run(digits).Floats, 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_UNet_gets_other_weights_by_recipes(bool isByLayer)
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("unet.pth"));
        using WeightsMap others = Changed(weights);
        HostTensor image = HostTensor.Random(1, 0, 1, 1, 3, 32, 16);
        using NetworkRig rig = new NetworkRig().Define(new UNet(), weights);
        using NetworkRig expected = new NetworkRig().Define(new UNet(), others);
        float[] before = rig.WithFlag(BuilderFlag.Refit).Run(image).Floats;
        Refit(rig, others, isByLayer);

        float[] after = rig.Run(image).Floats;
        Assert.True(Near.Furthest(before, after) > 0.01);
        Near.Equal(expected.Run(image).Floats, after, 1e-5);
    }

    [Fact]
    public void Every_kind_of_module_gets_other_weights_by_recipes()
    {
        WeightsMap Make(int seed) => new RandomWeights(seed)
            .AddKernel("conv", true, 4, 4, 3, 3).AddBatchNorm("bn", 4).AddBatchNorm("alone", 4)
            .Add("group.weight", 4).Add("group.bias", 4).Add("fc.weight", 4, 6).Add("rnn.weight_ih_l0", 12, 4).Add("rnn.weight_hh_l0", 12, 4)
            .Add("attn.in_proj_weight", 12, 4).Add("attn.in_proj_bias", 12).AddKernel("attn.out_proj", true, 4, 4).Add("norm.weight", 4).Map;

        NetworkRig Made(WeightsMap weights)
        {
            NetworkRig rig = new();
            INetworkDefinition network = rig.Network;
            ITensor x = network.Conv2dBatchNorm(rig.Input("x", 2, 4, 5, 6), weights["conv"], weights["bn"], padding: 1, epsilon: 1e-3f);
            x = network.GroupNorm(network.BatchNorm(x, weights["alone"]), weights["group"], 2);
            ITensor y = network.Linear(x, weights["fc"]);
            y = network.AddReduce(y, ReduceOperation.Avg, 1u << 1, false).GetOutput(0);
            y = network.Gelu(network.Gru(y, weights["rnn"], batchFirst: true).Output);
            y = network.MultiHeadAttention(y, weights["attn"], 2, causal: true, batchFirst: true);
            rig.Output(network.LayerNorm(y, weights["norm"]), "y");
            return rig;
        }

        WeightsMap others = Make(2);
        HostTensor input = HostTensor.Random(3, -1, 1, 2, 4, 5, 6);
        using NetworkRig rig = Made(Make(1));
        using NetworkRig expected = Made(others);
        float[] before = rig.WithFlag(BuilderFlag.Refit).Run(input).Floats;
        Refit(rig, others, isByLayer: false);

        float[] after = rig.Run(input).Floats;
        Assert.True(Near.Furthest(before, after) > 0.01);
        Near.Equal(expected.Run(input).Floats, after, 1e-5);
    }

    [Fact]
    public void A_recipe_reads_its_name()
    {
        WeightsMap weights = new RandomWeights().AddKernel("conv", false, 4, 4, 3, 3).AddBatchNorm("bn", 4).Map;

        Assert.False(RefitRecipe.Of("conv.weight").IsComputed);
        Assert.False(RefitRecipe.Of("kernel(conv.weight)").IsComputed);
        Assert.False(RefitRecipe.Of("kernel(conv.weight, bn, often)").IsComputed);
        Assert.Equal(["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], RefitRecipe.Of("kernel(conv.weight, bn)").SourcesIn(weights).ToArray());
        Assert.Equal(["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], RefitRecipe.Of("bias(conv.bias, bn)").SourcesIn(weights).ToArray());
        Assert.Equal([0.25f, 0.25f], RefitRecipe.Of("constant(0.25, 2)").Compute(weights, 2));
        float factor = weights["bn.weight"].Tensor.ToFloat32()[0] / MathF.Sqrt(weights["bn.running_var"].Tensor.ToFloat32()[0] + 0.5f);
        Assert.Equal(factor, RefitRecipe.Of("scale(bn, 0.5)").Compute(weights, 4)[0], 1e-6f);
        Assert.Equal(weights["conv.weight"].Tensor.ToFloat32()[0] * factor, RefitRecipe.Of("kernel(conv.weight, bn, 0.5)").Compute(weights, 144)[0], 1e-6f);
        Assert.Contains("\"scale(bn)\" of the engine have 5 values, but the checkpoint gives 4", Assert.Throws<ArgumentException>(() => RefitRecipe.Of("scale(bn)").Compute(weights, 5)).Message, StringComparison.Ordinal);
        Assert.Contains("\"bn2.running_mean\"", Assert.Throws<KeyNotFoundException>(() => RefitRecipe.Of("shift(bn2)").Compute(weights, 4)).Message, StringComparison.Ordinal);
    }

    private static void Refit(NetworkRig rig, WeightsMap others, bool isByLayer)
    {
        using IRefitter refitter = rig.Library.CreateInferRefitter(rig.Load(), rig.Log);
        SetAll(refitter, others, isByLayer);
        refitter.RefitCudaEngine();
    }

    private static void SetAll(IRefitter refitter, WeightsMap others, bool isByLayer = false)
    {
        foreach (string name in refitter.GetAllWeights())
        {
            Interop.Weights values = Interop.Weights.From(RefitRecipe.Of(name).Compute(others, refitter.GetWeightsPrototype(name).Count));
            if (isByLayer && name.StartsWith("kernel(", StringComparison.Ordinal))
            {
                refitter.SetWeights(name["kernel(".Length..name.IndexOf(".weight", StringComparison.Ordinal)], WeightsRole.Kernel, values);
            }
            else
            {
                refitter.SetNamedWeights(name, values);
            }
        }
    }

    /// <summary>The same tensors with other numbers.</summary>
    private static WeightsMap Changed(WeightsMap weights)
    {
        Dictionary<string, TorchTensor> changed = [];
        foreach (string name in weights.Names)
        {
            TorchTensor tensor = weights[name].Tensor;
            int place = 0;
            changed[name] = tensor.DType == TorchDType.Float32
                ? TorchTensor.FromArray(Array.ConvertAll(tensor.ToFloat32(), value => value * (1 + (0.3f * MathF.Sin(++place)))), [.. tensor.Shape])
                : tensor;
        }

        return WeightsMap.From(changed);
    }
}

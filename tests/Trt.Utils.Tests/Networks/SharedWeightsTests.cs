using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Tensors that several modules, names or checkpoints have in common.</summary>
public sealed class SharedWeightsTests
{
    [Fact]
    public void Tied_weights_keep_their_first_name_and_are_refitted_together()
    {
        TorchTensor table = TorchTensor.FromArray([.. Enumerable.Range(0, 12).Select(i => i * 0.1f)], 4, 3);
        WeightsMap weights = WeightsMap.From(new Dictionary<string, TorchTensor> { ["token.weight"] = table, ["head.weight"] = table });
        using NetworkRig rig = new();
        ITensor tokens = rig.Input(new ModelInput("tokens", DataType.Int32, [1, 2], [1, 2], [1, 2], [1, 2]));
        rig.Output(rig.Network.Linear(rig.Network.Embedding(tokens, weights["token"]), weights["head"]), "scores");
        using IRefitter refitter = rig.Library.CreateInferRefitter(rig.WithFlag(BuilderFlag.Refit).Load(), rig.Log);

        Assert.Equal(["token.weight"], refitter.GetAllWeights());
        refitter.SetNamedWeights("token.weight", Interop.Weights.From<float>([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1]));
        refitter.RefitCudaEngine();

        Assert.Equal([1, 0, 0, 1, 1, 1, 1, 3], rig.Run(HostTensor.Of([0, 3], 1, 2)).Floats);
    }

    [Fact]
    public void A_tensor_that_is_the_beginning_of_another_one_has_a_name_of_its_own()
    {
        TorchTensor whole = TorchTensor.FromArray([.. Enumerable.Range(0, 9).Select(i => (float)i)], 3, 3);
        WeightsMap weights = WeightsMap.From(new Dictionary<string, TorchTensor> { ["a.weight"] = whole, ["b.weight"] = whole.Slice(0, 0, 2) });
        using NetworkRig rig = new();
        rig.Output(rig.Network.Linear(rig.Network.Linear(rig.Input("x", 1, 3), weights["a"]), weights["b"]), "y");
        using IRefitter refitter = rig.Library.CreateInferRefitter(rig.WithFlag(BuilderFlag.Refit).Load(), rig.Log);

        Assert.Equal(["a.weight", "b.weight"], refitter.GetAllWeights().Order(StringComparer.Ordinal));
        Assert.Equal([(0 * 3) + (1 * 12) + (2 * 21), (3 * 3) + (4 * 12) + (5 * 21)], rig.Run(HostTensor.Of([1f, 1, 1], 1, 3)).Floats);
    }

    [Fact]
    public void Two_checkpoints_in_one_network_need_different_names()
    {
        WeightsMap one = new RandomWeights(1).AddKernel("fc", true, 3, 3).Map;
        WeightsMap other = new RandomWeights(2).AddKernel("fc", true, 3, 3).Map;
        using NetworkRig rig = new();
        ITensor x = rig.Network.Linear(rig.Input("x", 1, 3), one["fc"]);

        Assert.Contains("\"fc.weight\"", Assert.Throws<InvalidOperationException>(() => rig.Network.Linear(x, other["fc"])).Message, StringComparison.Ordinal);
        rig.Output(rig.Network.Linear(x, other.RenamePrefix("fc", "second")["second"]), "y");
        Assert.NotEmpty(rig.Build());
    }

    [Fact]
    public void Weights_of_integers_are_refused_by_name()
    {
        WeightsMap weights = WeightsMap.From(new Dictionary<string, TorchTensor> { ["fc.weight"] = TorchTensor.FromArray(new sbyte[9], 3, 3) });
        using NetworkRig rig = new();

        Assert.Contains("\"fc.weight\" int8", Assert.Throws<NotSupportedException>(() => rig.Network.Linear(rig.Input("x", 1, 3), weights["fc"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_half_precision_takes_weights_of_single_precision()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using NetworkRig rig = new NetworkRig(isTyped: true).Define(new LeNet { Type = DataType.Half, Batch = 20 }, weights);
        Half[] digits = Array.ConvertAll(golden["data"].ToFloat32()[..(20 * 784)], value => (Half)value);

        float[] actual = rig.Run(new HostTensor(digits, [20, 1, 28, 28])).Floats;

        // Logarithms down to −45: half precision keeps three digits.
        Near.Equal(golden["prob"].ToFloat32().AsSpan(0, 200), actual, 0.1, "prob");
        Assert.Equal(new LeNet { Batch = 20 }, new LeNet() with { Batch = 20 });
        Assert.NotEqual(new LeNet { Batch = 20 }.ToString(), new LeNet { Batch = 20, Type = DataType.Half }.ToString());
    }
}

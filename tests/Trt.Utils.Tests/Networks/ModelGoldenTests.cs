using System.Text.Json.Nodes;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Model builders, from checkpoints alone, against what PyTorch computed of the same checkpoints.</summary>
public sealed class ModelGoldenTests(Xunit.Abstractions.ITestOutputHelper log)
{
    [Fact]
    public void LeNet_reads_digits_as_PyTorch_does()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using NetworkRig rig = Defined<LeNet>(weights);
        float[] digits = golden["data"].ToFloat32();
        float[] prob = golden["prob"].ToFloat32();
        for (int first = 0; first < 200; first += 50)
        {
            HostTensor output = rig.Run(HostTensor.Of(digits[(first * 784)..((first + 50) * 784)], 50, 1, 28, 28));
            Within(1e-4, prob.AsSpan(first * 10, 500), output, "prob");
        }

        Assert.Empty(weights.Unused);
    }

    [Fact]
    public void UNet_marks_pixels_as_PyTorch_does()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.Find("unet.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("unet_golden.npz"));
        using NetworkRig rig = Defined<UNet>(weights);

        HostTensor output = rig.Run(new HostTensor(golden["image"].ToFloat32(), [.. golden["image"].Shape]));

        Assert.Equal([.. golden["logits"].Shape], output.Shape);
        Within(1e-4, golden["logits"].ToFloat32(), output, "logits");
        Assert.Empty(weights.Unused);
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("_short")]
    [InlineData("_long")]
    public void A_transformer_encoder_sorts_as_PyTorch_does(string ending)
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip("encoder.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("encoder_golden.npz"));
        using NetworkRig rig = Defined<TransformerEncoder>(weights);
        NpzArray tokens = golden["tokens" + ending];
        int[] values = Array.ConvertAll(tokens.ToArray<long>(), token => (int)token);
        long row = tokens.Shape[1];
        long batch = Math.Min(tokens.Shape[0], 16);

        HostTensor output = rig.Run(new HostTensor(values[..(int)(batch * row)], [batch, row]));

        Within(1e-4, golden["logits" + ending].ToFloat32().AsSpan(0, output.Floats.Length), output, "logits" + ending);
        Assert.Empty(weights.Unused);
    }

    [SkippableFact]
    public void A_character_LSTM_goes_on_with_a_prompt_as_PyTorch_does()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip("charrnn.pth"));
        JsonNode text = JsonNode.Parse(File.ReadAllText(ModelFiles.FindOrSkip("charrnn.json")))!;
        string[] vocabulary = text["vocab"] is JsonArray list ? [.. list.Select(item => (string)item!)] : [.. ((string)text["vocab"]!).Select(letter => letter.ToString())];
        string prompt = (string)text["prompt"]!;
        string continuation = (string)text["continuation"]!;
        using NetworkRig rig = Defined<CharacterLstm>(weights);

        HostTensor tokens = HostTensor.Of([.. prompt.Select(letter => Array.IndexOf(vocabulary, letter.ToString()))], 1, prompt.Length);
        Dictionary<string, HostTensor> step = rig.Run(("tokens", tokens), ("h0", HostTensor.Of(new float[256], 2, 1, 128)), ("c0", HostTensor.Of(new float[256], 2, 1, 128)));
        using (NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("charrnn_golden.npz")))
        {
            Within(1e-4, golden["logits"].ToFloat32(), step["logits"], "logits");
            Within(1e-4, golden["h"].ToFloat32(), step["h"], "h");
            Within(1e-4, golden["c"].ToFloat32(), step["c"], "c");
        }

        string generated = "";
        while (generated.Length < continuation.Length)
        {
            float[] scores = step["logits"].Floats;
            float[] last = scores[^vocabulary.Length..];
            int best = Array.IndexOf(last, last.Max());
            generated += vocabulary[best];
            step = rig.Run(("tokens", HostTensor.Of([best], 1, 1)), ("h0", step["h"]), ("c0", step["c"]));
        }

        Assert.Equal(300, generated.Length);
        Assert.Equal(continuation, generated);
        Assert.Empty(weights.Unused);
    }

    [SkippableTheory]
    [InlineData("a_")]
    [InlineData("b_")]
    public void RetinaNet_finds_shapes_as_PyTorch_does(string picture)
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip("shapes_retinanet.pth"));
        using NpzFile golden = NpzFile.Open(ModelFiles.FindOrSkip("shapes_retinanet_golden.npz"));
        using NetworkRig rig = Defined<RetinaNet>(weights);

        Dictionary<string, HostTensor> outputs = rig.Run(("input_1", new HostTensor(golden[picture + "input_1"].ToFloat32(), [.. golden[picture + "input_1"].Shape])));

        Assert.Equal(10, outputs.Count);
        foreach ((string name, HostTensor output) in outputs)
        {
            Assert.Equal([.. golden[picture + name].Shape], output.Shape);
            Within(1e-4, golden[picture + name].ToFloat32(), output, name);
        }

        Assert.Empty(weights.Unused);
    }

    [SkippableFact]
    public void RetinaNet_without_ONNX_equals_its_ONNX_file_on_other_sizes_and_batches()
    {
        using WeightsMap weights = WeightsMap.Open(ModelFiles.FindOrSkip("shapes_retinanet.pth"));
        using NetworkRig fromWeights = Defined<RetinaNet>(weights);
        using NetworkRig fromOnnx = new();
        using (Interop.NvOnnxParser.IParser parser = fromOnnx.Library.CreateParser(fromOnnx.Network, fromOnnx.Log))
        {
            parser.ParseFromFile(ModelFiles.FindOrSkip("shapes_retinanet_dynamic.onnx"), (int)Severity.Warning);
        }

        fromOnnx.Profile("input_1", [1, 3, 128, 128], [2, 3, 384, 384]);
        HostTensor pictures = HostTensor.Random(1, -2, 2, 2, 3, 128, 384);
        Dictionary<string, HostTensor> expected = fromOnnx.Run(("input_1", pictures));
        Dictionary<string, HostTensor> actual = fromWeights.Run(("input_1", pictures));
        foreach ((string name, HostTensor output) in expected)
        {
            Assert.Equal(output.Shape, actual[name].Shape);
            Within(1e-4, output.Floats, actual[name], name);
        }
    }

    /// <summary>What the list of builders finds for the weights, which must be of a type.</summary>
    private static NetworkRig Defined<T>(WeightsMap weights)
        where T : IModelBuilder
    {
        T model = Assert.IsType<T>(ModelBuilders.Find(weights));
        return new NetworkRig().Define(model, weights);
    }

    private void Within(double bound, ReadOnlySpan<float> expected, HostTensor actual, string what)
    {
        log.WriteLine($"{what}: at most {Near.Furthest(expected, actual.Floats):g2} off");
        Near.Equal(expected, actual.Floats, bound, what);
    }
}

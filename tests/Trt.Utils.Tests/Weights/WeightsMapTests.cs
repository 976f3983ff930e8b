using Xunit;

namespace Trt.Utils.Tests.Weights;

public class WeightsMapTests
{
    private static WeightsMap Small() => WeightsMap.From(new Dictionary<string, TorchTensor>
    {
        ["conv1.weight"] = TorchTensor.FromArray([1f, 2f, 3f, 4f], 2, 2),
        ["conv1.bias"] = TorchTensor.FromArray([5f, 6f]),
        ["layers.0.norm.weight"] = TorchTensor.FromArray([7f]),
        ["layers.10.norm.weight"] = TorchTensor.FromArray([8f]),
        ["layers.2.norm.weight"] = TorchTensor.FromArray([9f]),
        ["conv1x.weight"] = TorchTensor.FromArray([10L]),
    });

    [Fact]
    public void Names_and_prefixes_lead_to_the_file_s_tensors()
    {
        using WeightsMap w = WeightsMap.Open(ModelFiles.Find("lenet.pth"));

        Assert.Equal(["conv1", "conv2", "fc1", "fc2"], w.Children);
        Assert.Equal(["weight", "bias"], w["conv1"].Names);
        Assert.Equal("conv1.weight", w["conv1"]["weight"].Prefix);
        Assert.Equal([20L, 1, 5, 5], w["conv1"]["weight"].Tensor.Shape.ToArray());
        Assert.Same(w["conv1"]["weight"].Tensor, w["conv1.weight"].Tensor);
        TorchTensor bias = w["fc2"]["bias"];
        Assert.Equal([10L], bias.Shape.ToArray());
        Trt.Interop.Weights weights = w["fc2"]["bias"].ToWeights();
        Assert.Equal(bias.ToArray<float>(), weights.AsSpan<float>().ToArray());
        Assert.Equal(bias.Pointer, weights.Values);
    }

    [Fact]
    public void What_is_there_and_what_is_not()
    {
        WeightsMap w = Small();

        Assert.True(w.Contains("conv1"));
        Assert.True(w.Contains("conv1.bias"));
        Assert.True(w["conv1"].Contains("bias"));
        Assert.False(w.Contains("conv"));
        Assert.False(w["conv1"].Contains("b"));
        Assert.False(w["nothing"]["below"].Exists);
        Assert.True(w["conv1"].Exists);
        Assert.False(w["conv1"].IsTensor);
        Assert.True(w["conv1"]["bias"].IsTensor);
        Assert.Equal(["0", "10", "2"], w["layers"].Children);
        Assert.Equal(9f, w["layers"][2]["norm"]["weight"].Tensor.ToArray<float>()[0]);
        Assert.Equal(["weight", "bias"], w["conv1"].Names); // and not those of conv1x
    }

    [Fact]
    public void A_missing_name_is_named_in_full_with_the_nearest()
    {
        WeightsMap w = Small();

        KeyNotFoundException exception = Assert.Throws<KeyNotFoundException>(() => w["layers"][2]["norm"]["wight"].Tensor);
        Assert.Contains("\"layers.2.norm.wight\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains("The nearest: layers.2.norm.weight", exception.Message, StringComparison.Ordinal);
        Assert.Contains("prefix of conv1.weight, conv1.bias", Assert.Throws<KeyNotFoundException>(() => w["conv1"].Tensor).Message, StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => w.Tensor);
        Assert.Equal(["layers.2.norm.wight", "conv1", ""], w.Missing);
    }

    [Fact]
    public void Used_and_missing_names_are_reported()
    {
        WeightsMap w = Small();
        _ = w["conv1"]["weight"].ToWeights();
        _ = w["conv1"]["weight"].Expect(2, 2);
        TorchTensor bias = w["conv1"]["bias"];
        Assert.Equal(2, bias.ElementCount);
        w["layers"].MarkUsed();
        Assert.Throws<KeyNotFoundException>(() => w["conv1yx.weight"].Tensor);

        Assert.Equal(["conv1x.weight"], w.Unused);
        Assert.Empty(w["conv1"].Unused);
        Assert.Equal(["Missing (1):", "  conv1yx.weight (nearest: conv1x.weight)", "Not used (1 of 6):", "  conv1x.weight int64 [1]"], w.Report().Split(Environment.NewLine));
        Assert.Equal("All 2 tensors below \"conv1\" are used and none is missing.", w["conv1"].Report());
        Assert.Equal(
            ["Missing (1):", "  head (nearest: conv1.bias)", "Not used (4 of 6):", "  layers.0.norm.weight float32 [1]", "  layers.10.norm.weight float32 [1]", "  layers.2.norm.weight float32 [1]", "  conv1x.weight int64 [1]"],
            w.Report(["conv1.weight", "conv1.bias", "head"]).Split(Environment.NewLine));
    }

    [Fact]
    public void A_shape_that_differs_is_an_error_with_name_given_and_expected()
    {
        WeightsMap w = Small();

        Assert.Equal("conv1.weight", w.Expect("conv1.weight", 2, -1).Prefix);
        WeightShapeException exception = Assert.Throws<WeightShapeException>(() => w["conv1"].Expect("weight", 2, 3));
        Assert.StartsWith("Tensor \"conv1.weight\" has the shape [2, 2], but [2, 3] is expected", exception.Message, StringComparison.Ordinal);
        Assert.Equal("conv1.weight", exception.Name);
        Assert.Equal([2L, 2], exception.Given.ToArray());
        Assert.Equal([2L, 3], exception.Expected.ToArray());
        Assert.Throws<WeightShapeException>(() => w["conv1"].Expect("weight", 4));
        Assert.Throws<KeyNotFoundException>(() => w.Expect("conv1", 4));
    }

    [Fact]
    public void Names_follow_rules_in_a_new_map()
    {
        WeightsMap w = Small();

        Assert.Equal(["c.weight", "c.bias"], w.RenamePrefix("conv1.", "c.").Names.Take(2));
        WeightsMap numbered = w.RenameMatches(@"^layers\.(\d+)\.norm", "block$1.ln");
        Assert.Equal(8f, numbered["block10"]["ln"]["weight"].Tensor.ToArray<float>()[0]);
        Assert.Equal("block10.ln.weight", numbered["block10"]["ln"]["weight"].Tensor.Name);
        Assert.Equal(["conv1.weight", "conv1.bias", "conv1x.weight"], w.Rename(name => name.StartsWith("layers", StringComparison.Ordinal) ? null : name).Names);
        Assert.Contains("\"same\"", Assert.Throws<ArgumentException>(() => w.Rename(_ => "same")).Message, StringComparison.Ordinal);
        Assert.Equal(6, w.Unused.Count); // its own account is untouched
        Assert.Equal([3f], w.With("conv1.bias", TorchTensor.FromArray([3f]))["conv1"]["bias"].Tensor.ToArray<float>());
        Assert.Throws<System.Text.RegularExpressions.RegexParseException>(() => w.RenameMatches("(", ""));
    }

    [Fact]
    public void Types_change_for_floating_point_numbers_only()
    {
        WeightsMap w = Small();
        WeightsMap half = w.ConvertTo(TorchDType.Float16);

        Assert.Equal([(Half)1, (Half)2, (Half)3, (Half)4], half["conv1.weight"].Tensor.ToArray<Half>());
        Assert.Equal(TorchDType.Int64, half["conv1x.weight"].Tensor.DType);
        Assert.Equal(TorchDType.Float32, w["conv1"].ConvertTo(TorchDType.BFloat16)["weight"].Tensor.DType == TorchDType.BFloat16 ? TorchDType.Float32 : TorchDType.Float16);
        Assert.Throws<ArgumentException>(() => w.ConvertTo(TorchDType.Int8));
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => w.With("big", TorchTensor.FromArray([1e6f])).ConvertTo(TorchDType.Float16));
        Assert.Contains("\"big\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Denormals_become_zero_and_are_counted_by_name()
    {
        const float Denormal = 1e-40f;
        WeightsMap w = Small().With("tiny", TorchTensor.FromArray([Denormal, 1f, -Denormal, 0f, -0f, float.NaN, 1.17549435e-38f]));

        WeightsMap rounded = w.RoundDenormals(out IReadOnlyDictionary<string, long> counts);

        Assert.Equal(("tiny", 2L), Assert.Single(counts.Select(entry => (entry.Key, entry.Value))));
        Assert.Equal([0u, 0x3F800000u, 0x80000000u, 0u, 0x80000000u, BitConverter.SingleToUInt32Bits(float.NaN), 0x00800000u], rounded["tiny"].Tensor.ToArray<float>().Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal(Denormal, w["tiny"].Tensor.ToArray<float>()[0]);
        Assert.Same(w["conv1.weight"].Tensor.ToContiguous(), rounded["conv1.weight"].Tensor.ToContiguous());
    }

    [Fact]
    public void Disposing_any_map_of_a_file_closes_it()
    {
        WeightsMap w = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        WeightsMap renamed = w.RenamePrefix("conv1.", "first.");
        TorchTensor half = w["conv1"]["bias"].Tensor.ConvertTo(TorchDType.Float64);
        TorchTensor bias = w["conv1"]["bias"];
        renamed.Dispose();

        Assert.Throws<ObjectDisposedException>(() => bias.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => w["fc1.weight"].ToWeights());
        Assert.Equal(20, half.ToArray<double>().Length);
        w.Dispose();
    }
}

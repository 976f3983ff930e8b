using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Engines;

/// <summary>Optimization profiles: given, completed by rule, and wrong ones in sentences.</summary>
public sealed class BuildProfileTests
{
    private readonly EngineBuilder builder = new(EngineTestModels.Library(), new CollectingLogger());

    [Fact]
    public void Several_profiles_reach_the_engine()
    {
        BuildOptions options = new() { Profiles = [new() { ["x"] = new([1, 4], [2, 4], [3, 4]) }, new() { ["x"] = new([10, 4], [20, 4], [30, 4]) }] };

        using BuiltEngine built = builder.Build(EngineTestModels.Define, options);
        using ICudaEngine engine = built.Load();

        Assert.Equal(2, engine.NbOptimizationProfiles);
        Assert.Equal([2, 4], engine.GetProfileShape("x", 0, OptProfileSelector.Opt));
        Assert.Equal([30, 4], engine.GetProfileShape("x", 1, OptProfileSelector.Max));
        Assert.Empty(built.Report.Warnings);
        Assert.Equal(new ShapeRange([10, 4], [20, 4], [30, 4]), built.Report.Profiles[1]["x"]);
    }

    [Fact]
    public void A_star_in_a_profile_stands_for_what_no_name_says()
    {
        using BuiltEngine starred = builder.Build(EngineTestModels.Define, new BuildOptions { Profiles = [new() { ["*"] = new([1, 4], [2, 4], [3, 4]) }] });
        using BuiltEngine named = builder.Build(EngineTestModels.Define, new BuildOptions { Profiles = [new() { ["x*"] = new(9, 4), ["x"] = new([1, 4], [2, 4], [3, 4]) }] });

        Assert.Equal(new ShapeRange([1, 4], [2, 4], [3, 4]), starred.Report.Profiles[0]["x"]);
        Assert.Equal(new ShapeRange([1, 4], [2, 4], [3, 4]), named.Report.Profiles[0]["x"]);
        Assert.Contains("names \"z*\"", Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.Define, new BuildOptions { Profiles = [new() { ["z*"] = new(9, 4) }] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_extents_by_name_before_the_default_rule()
    {
        using BuiltEngine named = builder.Build(EngineTestModels.Define, new BuildOptions { NamedExtents = new Dictionary<string, ExtentRange> { ["batch"] = new(2, 4, 8) }, DynamicExtents = 5 });
        using BuiltEngine ruled = builder.Build(EngineTestModels.Define, new BuildOptions { NamedExtents = new Dictionary<string, ExtentRange> { ["height"] = 7 }, DynamicExtents = 5 });
        using BuiltEngine batched = builder.Build(EngineTestModels.Define, new BuildOptions { Batch = new(1, 3, 6), DynamicExtents = 5 });

        Assert.Equal(new ShapeRange([2, 4], [4, 4], [8, 4]), named.Report.Profiles[0]["x"]);
        Assert.Equal(new ShapeRange(5, 4), ruled.Report.Profiles[0]["x"]);
        Assert.Equal(new ShapeRange([1, 4], [3, 4], [6, 4]), batched.Report.Profiles[0]["x"]);
        Assert.Empty(named.Report.Warnings);
        Assert.Empty(ruled.Report.Warnings);
    }

    [Fact]
    public void Without_any_rule_they_are_1_and_a_warning_says_so()
    {
        using BuiltEngine built = builder.Build(EngineTestModels.Define);

        Assert.Equal(new ShapeRange(1, 4), built.Report.Profiles[0]["x"]);
        Assert.Equal("profile 0: nobody said how large axis 0 of \"x\" ([-1, 4]) gets, so that it is 1. Give Profiles, Batch, NamedExtents or DynamicExtents.", Assert.Single(built.Report.Warnings));
    }

    [Fact]
    public void Static_networks_get_a_profile_of_their_shape()
    {
        using BuiltEngine built = builder.Build(EngineTestModels.DefineStatic);
        using ICudaEngine engine = built.Load();

        Assert.Equal(1, engine.NbOptimizationProfiles);
        Assert.Equal([3, 4], engine.GetProfileShape("x", 0, OptProfileSelector.Min));
        Assert.Empty(built.Report.Warnings);
    }

    [Fact]
    public void Values_of_shape_tensors()
    {
        BuildOptions options = new() { Profiles = [new() { ["x"] = new([1, 4], [2, 4], [6, 4]), ["s"] = new([1, 1], [4, 2], [12, 24]) }] };

        using BuiltEngine built = builder.Build(EngineTestModels.DefineReshape, options);
        using ICudaEngine engine = built.Load();

        Assert.True(engine.IsShapeInferenceIO("s"));
        Assert.Equal([4L, 2], engine.GetProfileTensorValuesV2("s", 0, OptProfileSelector.Opt)!);
        Assert.Equal([12L, 24], engine.GetProfileTensorValuesV2("s", 0, OptProfileSelector.Max)!);
        Assert.True(built.Report.Inputs.Single(input => input.Name == "s").IsShapeTensor);
    }

    [Fact]
    public void Extra_memory_target_reaches_the_profile()
    {
        BuildOptions options = new() { Profiles = [new() { ExtraMemoryTarget = 0.25f, ["x"] = new(2, 4) }] };

        using BuiltEngine built = builder.Build(EngineTestModels.Define, options);

        Assert.Equal(0.25f, built.Report.Profiles[0].ExtraMemoryTarget);
        TensorRtException wrong = Assert.Throws<TensorRtException>(() => builder.Build(EngineTestModels.Define, new BuildOptions { Profiles = [new() { ExtraMemoryTarget = 3, ["x"] = new(2, 4) }] }));
        Assert.Contains("setExtraMemoryTarget", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("z", new long[] { 1 }, "profile 0 names \"z\", which is no input of the network; its inputs are \"x\".")]
    [InlineData("x", new long[] { 1, 4, 1 }, "profile 0 gives \"x\" 3 axes, but its shape in the network is [-1, 4].")]
    [InlineData("x", new long[] { 1, 5 }, "profile 0 gives axis 1 of \"x\" 5 to 5, but the network fixes it to 4.")]
    [InlineData("x", new long[] { -1, 4 }, "profile 0 gives axis 0 of \"x\" the extent -1; extents are 0 or more.")]
    public void Profiles_that_do_not_fit_are_refused(string input, long[] shape, string sentence)
    {
        BuildOptions options = new() { Profiles = [new() { [input] = new(shape) }] };

        BuildRefusedException exception = Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.Define, options));

        Assert.Contains(sentence, exception.Reasons);
    }

    [Fact]
    public void Missing_values_of_a_shape_tensor_are_refused()
    {
        BuildRefusedException none = Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.DefineReshape));
        BuildRefusedException few = Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.DefineReshape, new BuildOptions { Profiles = [new() { ["s"] = new(4) }] }));

        Assert.Contains("profile 0 has no values for \"s\", which decides shapes. Give its least, usual and greatest values: [\"s\"] = new([…], […], […]).", none.Reasons);
        Assert.Contains("profile 0 gives 1 values for \"s\", which has 2.", few.Reasons);
    }

    [Fact]
    public void Ranges_out_of_order_are_refused_where_they_are_made()
    {
        ArgumentException wrong = Assert.Throws<ArgumentException>(() => new ShapeRange([4, 4], [2, 4], [8, 4]));
        BuildRefusedException rule = Assert.Throws<BuildRefusedException>(() => builder.Build(EngineTestModels.Define, new BuildOptions { DynamicExtents = new(4, 2, 8) }));

        Assert.Contains("The range 4x4 .. 2x4 .. 8x4 is none", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("profile 0, input \"x\": The range 4x4 .. 2x4 .. 8x4 is none", rule.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ShapeRange([1], [1, 1], [1]));
    }
}

using System.Text.Json;
using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>Plugin creators and plugins in C#, in NVIDIA's registry, asked by NVIDIA's parser and builder.</summary>
[Collection(RtxCollection.Name)]
public sealed class PluginTests
{
    [SkippableFact]
    public void Creator_is_found_in_the_registry_until_it_is_taken_out()
    {
        IPluginRegistry registry = RtxLibrary.LoadGoldenRelease().PluginRegistry;
        DoublingCreator creator = new();
        string[] before = [.. registry.GetAllCreators().Select(NameOf)];

        Assert.True(registry.RegisterCreator(creator, string.Empty));
        try
        {
            Assert.False(registry.RegisterCreator(creator, string.Empty));
            Assert.Same(creator, registry.GetCreator(DoublingCreator.Name, "1"));
            Assert.Null(registry.GetCreator(DoublingCreator.Name, "2"));
            Assert.Null(registry.GetCreator("Nope", "1"));
            Assert.Contains(registry.GetAllCreators(), one => ReferenceEquals(one, creator));
        }
        finally
        {
            Assert.True(registry.DeregisterCreator(creator));
        }

        Assert.False(registry.DeregisterCreator(creator));
        Assert.Equal(before, registry.GetAllCreators().Select(NameOf));
    }

    [SkippableFact]
    public void Creators_of_the_library_are_their_real_interface()
    {
        IPluginRegistry registry = RtxLibrary.LoadGoldenRelease().PluginRegistry;
        string[] golden = [.. CallbackGoldens.Facts("plugin_registry").GetProperty("creators_at_first").EnumerateArray().Select(one => $"{one[2].GetString()} {one[3].GetString()} '{one[4].GetString()}'")];

        Assert.Equal(golden, registry.GetAllCreators().Select(NameOf));
        Assert.All(registry.GetAllCreators(), creator => Assert.Equal(new InterfaceInfo("PLUGIN CREATOR_V3ONE", 1, 0), creator.InterfaceInfo));
    }

    [SkippableTheory]
    [InlineData("plugin_by_parser_nonzero", 3)]
    [InlineData("plugin_by_parser_nonzero_dynamic", -1)]
    public void Parser_makes_a_layer_of_a_plugin_and_the_builder_asks_it(string scenario, long extent)
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        JsonElement golden = CallbackGoldens.Facts(scenario);
        DoublingCreator creator = new();
        Assert.True(library.PluginRegistry.RegisterCreator(creator, string.Empty));
        try
        {
            using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
            using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
            using IParser parser = library.CreateParser(network, new CollectingLogger());
            Assert.Equal(golden.GetProperty("supports_operator").GetBoolean(), parser.SupportsOperator("NonZero"));

            parser.Parse(OnnxBytes.OneNode("NonZero", OnnxBytes.Int64, 2, extent));

            IPluginV3Layer layer = Assert.IsAssignableFrom<IPluginV3Layer>(network.GetLayer(0));
            Assert.IsType<DoublingPlugin>(layer.Plugin);
            JsonElement expected = golden.GetProperty("layers")[0];
            Assert.Equal(expected[1].GetString(), layer.Name);
            Assert.Equal(CaseValues.Shape(expected[2][0][0]), layer.GetOutput(0).Dimensions);
            Assert.Equal(DataType.Int64, layer.GetOutput(0).Type);
            Build(builder, network, extent);
        }
        finally
        {
            Assert.True(library.PluginRegistry.DeregisterCreator(creator));
        }

        string Of(string kind) => string.Join('\n', creator.Asked.Where(one => one.StartsWith(kind, StringComparison.Ordinal)));
        Assert.Equal("create p 0 Build", Of("create"));
        Assert.Equal(string.Join('\n', golden.GetProperty("shape_expressions").EnumerateArray().Select(Shapes)), Of("shapes"));
        Assert.Equal(string.Join('\n', golden.GetProperty("supportsFormatCombination").EnumerateArray().Select(Format)), Of("format"));
        JsonElement configured = Assert.Single(golden.GetProperty("configurePlugin").EnumerateArray());
        Assert.Equal($"configure {Descs(configured[0])} {Descs(configured[1])}", Of("configure"));

        // Every clone that the library made it also deleted; the plugin of the creator is the caller's, here the parser's.
        Assert.Equal(creator.Asked.Count(one => one == "clone") + 1, creator.Asked.Count(one => one == "disposed"));
    }

    [SkippableFact]
    public void Plugin_of_a_wrong_type_is_refused_in_the_parsers_words()
    {
        TensorRtLibrary library = RtxLibrary.LoadGoldenRelease();
        DoublingCreator creator = new(DataType.Float);
        Assert.True(library.PluginRegistry.RegisterCreator(creator, string.Empty));
        try
        {
            using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
            using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
            using IParser parser = library.CreateParser(network, new CollectingLogger());

            TensorRtException exception = Assert.Throws<TensorRtException>(() => parser.Parse(OnnxBytes.OneNode("NonZero", OnnxBytes.Int64, 2, 3)));

            Assert.Contains(CallbackGoldens.Facts("plugin_by_parser_wrong_type").GetProperty("errors")[0][1].GetString()!, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            Assert.True(library.PluginRegistry.DeregisterCreator(creator));
        }
    }

    private static void Build(IBuilder builder, INetworkDefinition network, long extent)
    {
        using IBuilderConfig config = builder.CreateBuilderConfig();
        RtxLibrary.Target(config);
        if (extent < 0)
        {
            IOptimizationProfile profile = builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, [2, 1]);
            profile.SetDimensions("x", OptProfileSelector.Opt, [2, 3]);
            profile.SetDimensions("x", OptProfileSelector.Max, [2, 8]);
            config.AddOptimizationProfile(profile);
        }

        using IHostMemory plan = builder.BuildSerializedNetwork(network, config);
        Assert.True(plan.Size > 0);
    }

    private static string NameOf(IPluginCreatorInterface creator) => creator is IPluginCreatorV3One v3
        ? $"{v3.PluginName} {v3.PluginVersion} '{v3.PluginNamespace}'"
        : throw new InvalidOperationException($"{creator} is no creator of V3 plugins.");

    private static string Shapes(JsonElement json) =>
        $"shapes last {json.GetProperty("last_is_constant").GetBoolean()} {json.GetProperty("last")} two {json.GetProperty("two_is_constant").GetBoolean()} {json.GetProperty("two")} "
        + $"result {json.GetProperty("result_is_constant").GetBoolean()} {json.GetProperty("result")}";

    private static string Format(JsonElement json) =>
        $"format {json[0]} {json[1]} {json[2]} {CaseValues.Enumerator<DataType>(json[3])} {CaseValues.Enumerator<TensorFormat>(json[4])} {CaseValues.Shape(json[5])}";

    private static string Descs(JsonElement json) => string.Join(' ', json.EnumerateArray().Select(CaseValues.Shape));
}

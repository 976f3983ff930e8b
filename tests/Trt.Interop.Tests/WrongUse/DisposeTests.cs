using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Use after dispose, dispose twice, dispose in any order: exceptions or nothing, never a crash.</summary>
[Collection(RtxCollection.Name)]
public sealed class DisposeTests
{
    [SkippableFact]
    public void Disposed_builder_network_and_config_say_so()
    {
        SmallNetwork small = new(BuilderLibrary.Load());
        small.Dispose();

        Assert.Contains("Builder", Assert.Throws<ObjectDisposedException>(() => small.Builder.CreateBuilderConfig()).ObjectName, StringComparison.Ordinal);
        Assert.Contains("NetworkDefinition", Assert.Throws<ObjectDisposedException>(() => small.Network.NbLayers).ObjectName, StringComparison.Ordinal);
        Assert.Contains("BuilderConfig", Assert.Throws<ObjectDisposedException>(() => small.Config.MaxAuxStreams).ObjectName, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => small.Builder.BuildSerializedNetwork(small.Network, small.Config));
    }

    [SkippableFact]
    public void Layers_and_tensors_go_with_their_network()
    {
        SmallNetwork small = new(BuilderLibrary.Load());
        ILoop loop = small.Network.AddLoop();
        small.Dispose();

        Assert.Throws<ObjectDisposedException>(() => small.Layer.Name);
        Assert.Throws<ObjectDisposedException>(() => small.Layer.ActivationType);
        Assert.Throws<ObjectDisposedException>(() => small.Input.Dimensions);
        Assert.Throws<ObjectDisposedException>(() => small.Output.Name = "z");
        Assert.Throws<ObjectDisposedException>(() => loop.Name);
    }

    [SkippableFact]
    public void Disposed_argument_is_refused()
    {
        using SmallNetwork small = new(BuilderLibrary.Load());
        INetworkDefinition network = small.Builder.CreateNetworkV2(BuilderLibrary.Flags(small.Library));
        ITensor input = network.AddInput("x", DataType.Float, [4]);
        network.Dispose();

        Assert.Throws<ObjectDisposedException>(() => small.Network.MarkOutput(input));
        Assert.Throws<ObjectDisposedException>(() => small.Builder.BuildSerializedNetwork(network, small.Config));
        Assert.Throws<ObjectDisposedException>(() => small.Library.CreateParser(network, new CollectingLogger()));
    }

    [SkippableFact]
    public void Second_dispose_does_nothing()
    {
        SmallNetwork small = new(BuilderLibrary.Load());
        small.Dispose();
        small.Dispose();
        Assert.Throws<ObjectDisposedException>(() => small.Network.Name);
    }

    [SkippableFact]
    public void Parent_that_is_disposed_first_lives_on_behind_its_children()
    {
        SmallNetwork small = new(BuilderLibrary.Load());
        small.Builder.Dispose();

        Assert.Throws<ObjectDisposedException>(() => small.Builder.MaxThreads);
        Assert.Equal(1, small.Network.NbLayers);
        Assert.Equal("y", small.Output.Name);
        small.Network.Dispose();
        small.Config.Dispose();
        Assert.Throws<ObjectDisposedException>(() => small.Output.Name);
    }

    [SkippableFact]
    public void Every_order_of_disposal_works()
    {
        TensorRtLibrary library = BuilderLibrary.Load();
        foreach (int[] order in Permutations([0, 1, 2, 3, 4]))
        {
            CollectingLogger logger = new();
            IBuilder builder = library.CreateInferBuilder(logger);
            INetworkDefinition network = builder.CreateNetworkV2(BuilderLibrary.Flags(library));
            IParser parser = library.CreateParser(network, logger);
            ITensor input = network.AddInput("x", DataType.Float, [2]);
            ITensor output = network.AddUnary(input, UnaryOperation.Neg).GetOutput(0);
            network.MarkOutput(output);
            IBuilderConfig config = builder.CreateBuilderConfig();
            BuilderLibrary.Target(library, config);
            IHostMemory plan = builder.BuildSerializedNetwork(network, config);
            IDisposable[] objects = [builder, network, config, parser, plan];

            foreach (int index in order)
            {
                objects[index].Dispose();
            }

            Assert.Throws<ObjectDisposedException>(() => output.Name);
            Assert.DoesNotContain(logger.Errors, line => line.Contains("Destroying a builder object before", StringComparison.Ordinal));
        }
    }

    [SkippableFact]
    public void Parser_errors_go_with_the_parser()
    {
        TensorRtLibrary library = BuilderLibrary.Load();
        using SmallNetwork small = new(library);
        using INetworkDefinition network = small.Builder.CreateNetworkV2(BuilderLibrary.Flags(small.Library));
        IParser parser = library.CreateParser(network, new CollectingLogger());
        Assert.Throws<TensorRtException>(() => parser.ParseFromFile(Checkout.Path("no-such.onnx"), 0));
        IParserError error = parser.GetError(0);
        Assert.NotEmpty(error.Desc);

        parser.Dispose();

        Assert.Throws<ObjectDisposedException>(() => error.Desc);
    }

    [SkippableFact]
    public void What_is_never_disposed_is_reported_as_a_leak()
    {
        TensorRtLibrary library = BuilderLibrary.Load();
        long before = Leaks.Count;
        Forget(library);
        for (int i = 0; i < 20 && Leaks.Count == before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.True(Leaks.Count > before);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget(TensorRtLibrary library) => _ = library.CreateInferBuilder(new CollectingLogger());
    }

    private static IEnumerable<int[]> Permutations(int[] values) => values.Length == 0
        ? [[]]
        : values.SelectMany(first => Permutations([.. values.Where(value => value != first)]).Select(rest => (int[])[first, .. rest]));
}

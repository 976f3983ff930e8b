using Trt.Interop.Tests.Libraries;
using Trt.Interop.Tests.Rtx;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>The same scenarios while a thread collects all the time: whatever native code still needs must be held.</summary>
/// <remarks>DOTNET_GCStress, which collects at every allocation, works in checked builds of the runtime only; this runs everywhere.</remarks>
[Collection(RtxCollection.Name)]
public sealed class ForcedCollectionTests
{
    private static readonly Dictionary<string, Action> Scenarios = new()
    {
        ["progress monitor"] = new ProgressMonitorTests().Phases_and_steps_come_as_in_the_golden,
        ["cancelled build"] = () => new ProgressMonitorTests().Cancelled_build_is_an_exception_and_the_next_one_works("progress_cancel_third_step", 3),
        ["error recorder"] = new ErrorRecorderTests().Recorder_gets_the_errors_of_a_build_and_the_exception_says_them,
        ["inherited error recorder"] = new ErrorRecorderTests().Recorder_is_let_go_by_each_of_its_holders,
        ["stream writer"] = new StreamWriterTests().Writer_gets_the_whole_plan_in_one_call,
        ["plugin"] = () => new PluginTests().Parser_makes_a_layer_of_a_plugin_and_the_builder_asks_it("plugin_by_parser_nonzero", 3),
        ["plugin registry"] = new PluginTests().Creator_is_found_in_the_registry_until_it_is_taken_out,
        ["parse error"] = new ParserGoldenTests().Parse_error_tells_text_node_and_operator,
        ["LeNet"] = new LeNetTests().Layer_by_layer_is_what_the_parser_makes_of_the_file,
        ["identity"] = new IdentityTests().Same_address_is_the_same_object,
        ["layer types"] = new IdentityTests().Layers_are_their_real_type,
        ["orders of disposal"] = new DisposeTests().Every_order_of_disposal_works,
        ["throwing callbacks"] = () => new CallbackExceptionTests().Progress_monitor("step"),
        ["loops"] = () => new LayerGoldenTests().Library_answers_as_the_golden("loop"),
        ["conditionals"] = () => new LayerGoldenTests().Library_answers_as_the_golden("if"),
        ["convolutions"] = () => new LayerGoldenTests().Library_answers_as_the_golden("convolution"),
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Scenario_works(string name)
    {
        _ = RtxLibrary.Load();
        WhileCollecting(Scenarios[name]);
    }

    [SkippableFact]
    public void Weights_stay_until_the_network_goes()
    {
        TensorRtLibrary library = RtxLibrary.Load();
        byte[] calm = Build(library);
        byte[] collected = [];

        WhileCollecting(() => collected = Build(library));

        // Two builds of one network differ in a byte or so; a plan made of freed weights differs in thousands.
        Assert.Equal(calm.Length, collected.Length);
        Assert.InRange(calm.Zip(collected).Count(pair => pair.First != pair.Second), 0, 16);
    }

    [SkippableFact]
    public void Weights_can_be_read_back_from_the_layer()
    {
        using SmallNetwork small = new(RtxLibrary.Load());
        IConvolutionLayer layer = AddConvolution(small.Network, small.Input);
        WhileCollecting(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(Kernel(), layer.KernelWeights.AsSpan<float>().ToArray());
            }
        });
    }

    private static byte[] Build(TensorRtLibrary library)
    {
        using SmallNetwork small = new(library);
        ITensor x = small.Input;
        for (int i = 0; i < 4; i++)
        {
            x = AddConvolution(small.Network, x).GetOutput(0);
        }

        small.Network.MarkOutput(x);
        _ = new byte[1 << 20];
        using IHostMemory plan = small.Builder.BuildSerializedNetwork(small.Network, small.Config);
        unsafe
        {
            return new ReadOnlySpan<byte>((void*)plan.Data, (int)plan.Size).ToArray();
        }
    }

    private static IConvolutionLayer AddConvolution(INetworkDefinition network, ITensor x)
    {
        IConvolutionLayer layer = network.AddConvolutionNd(x, 3, [3, 3], Weights.From(Kernel()), Weights.Empty());
        layer.PaddingNd = [1, 1];
        return layer;
    }

    private static float[] Kernel() => [.. Enumerable.Range(0, 81).Select(i => MathF.Sin(i))];

    private static void WhileCollecting(Action scenario)
    {
        using CancellationTokenSource done = new();
        Thread collector = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            scenario();
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}

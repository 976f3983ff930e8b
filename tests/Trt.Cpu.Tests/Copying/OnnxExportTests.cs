using System.Text.Json;
using Trt.Cpu.Tests.Goldens;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Cpu.Tests.Copying;

/// <summary>Networks written as ONNX models, and read again by the parser, say what NVIDIA's library said of the network.</summary>
[Collection(RtxCollection.Name)]
public class OnnxExportTests
{
    /// <summary>Cases that the libraries run, but for those that the parser refuses as NVIDIA's does (choosing among booleans) and the one about memory layouts, which no model has.</summary>
    public static TheoryData<string> Names => [.. LayerGoldenTests.Names.Cast<object[]>().Select(row => (string)row[0]).Where(id => GoldenFiles.TensorRt86[id].GetProperty("status").GetString() == "ok"
        && GoldenFiles.Rtx[id].GetProperty("status").GetString() == "built" && id is not ("select_bool" or "gather_bool_data" or "io_formats_channel_last"))];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void A_written_model_computes_what_the_network_does(string id)
    {
        Skip.If(id == "resize_linear_defaults" && !TestLibrary.IsDirect, "No getter of TensorRT tells a coordinate transformation that was never set, which 8.x's rule for it needs.");
        CollectingLogger log = new();
        using IBuilder builder = TestLibrary.Current.CreateInferBuilder(log);
        using INetworkDefinition read = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        IParser? parser = null;
        CaseRunner runner = new(TestLibrary.Current.CreateInferBuilder, TestLibrary.Current.CreateInferRuntime)
        {
            // Strongly typed networks take no flags of precisions.
            Configure = config => config.Flags = default,
            Substitute = network =>
            {
                parser = TestLibrary.Current.CreateParser(read, log);
                parser.Parse(network.ToOnnx());
                return (builder, read);
            },
        };

        CaseResult result = runner.Run(GoldenFiles.Cases[id]);

        parser?.Dispose();
        Assert.True(result.Status == "ok", $"{result.Status}: {result.Failure}; {string.Join(Environment.NewLine, log.Errors)}");
        string? difference = LayerGoldens.Values(GoldenFiles.Cases[id], result, GoldenFiles.TensorRt86[id]);
        Assert.True(difference is null, difference);
    }
}

using System.Text.Json;
using Trt.Cpu.Tests.Goldens;
using Trt.Interop;
using Trt.Tests.Goldens;
using Xunit;

namespace Trt.Cpu.Tests.Copying;

/// <summary>Networks that NVIDIA's library holds, copied into the CPU runtime, say what the library that can run them said.</summary>
[Collection(RtxCollection.Name)]
public sealed class NetworkCopyTests
{
    /// <summary>
    /// Cases that both libraries take as they are; strongly typed, as RTX's networks are, or without types that a weakly typed one would change. RTX's resize
    /// layer begins with another coordinate transformation than 8.6.0's, so the case that leaves it alone is another network there.
    /// </summary>
    public static TheoryData<string> Names => [.. LayerGoldenTests.Names.Cast<object[]>().Select(row => (string)row[0]).Where(id =>
        GoldenFiles.Rtx[id].GetProperty("status").GetString() == "built" && !GoldenFiles.Cases[id].GetRawText().Contains("kHALF", StringComparison.Ordinal) && id != "resize_linear_defaults")];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void A_copy_of_a_native_network_says_the_same(string id)
    {
        TensorRtLibrary rtx = RtxLibrary.Load();
        CollectingLogger log = new();
        using IBuilder builder = TestLibrary.Current.CreateInferBuilder(log);
        using INetworkDefinition copy = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        CaseRunner runner = new(rtx.CreateInferBuilder, TestLibrary.Current.CreateInferRuntime)
        {
            NetworkFlags = _ => [NetworkDefinitionCreationFlag.StronglyTyped],

            // Strongly typed networks take no flags of precisions; the golden was made without those that its library lacks.
            Configure = config => config.Flags = default,
            Substitute = network =>
            {
                network.CopyTo(copy);
                return (builder, copy);
            },
        };

        CaseResult result = runner.Run(GoldenFiles.Cases[id]);

        string? difference = LayerGoldens.Compare(GoldenFiles.Cases[id], result, GoldenFiles.TensorRt86[id], GoldenFiles.Rtx[id]);
        Assert.True(difference is null, difference);
    }
}

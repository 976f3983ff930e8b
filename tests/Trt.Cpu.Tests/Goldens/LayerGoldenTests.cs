using System.Text.Json;
using Trt.Interop;
using Trt.Tests.Goldens;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>Small networks as C++ calls, against what NVIDIA's libraries answered; tests/goldens/README.md says how those were made.</summary>
public class LayerGoldenTests(ITestOutputHelper output)
{
    /// <summary>Cases whose answer differs, each with its reason.</summary>
    private static readonly Dictionary<string, string> Differing = new(StringComparer.Ordinal)
    {
        ["cast_float_to_int8"] = "8.6.0 keeps the numbers as floats where no quantization is set; today's rule (RTX: type Int8) converts them, towards 0",
        ["half_gelu_erf"] = "8.6.0 lacks the function; its rule that weakly typed networks tell 16-bit results as Float is kept, where strongly typed RTX says Half",
        ["qdq_conv"] = "RTX 1.6 lacks a kernel for it on the GPU that the goldens name; RTX 1.7 builds it, and so does a CPU",
        ["qdq_fp8"] = "RTX refuses FP8 for the GPU that the goldens name, which lacks it; a CPU has it",
    };

    /// <summary>Cases that only use layers that the CPU runtime has.</summary>
    public static TheoryData<string> Names
    {
        get
        {
            TheoryData<string> names = [];
            foreach ((string id, JsonElement test) in GoldenFiles.Cases)
            {
                if (test.GetProperty("calls").EnumerateArray().All(IsThere) && !Differing.ContainsKey(id))
                {
                    names.Add(id);
                }
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnswersAsTheLibrariesDid(string id)
    {
        CaseResult result = Run(id);
        Skip.If(result.Status == "na" && TestTarget.Library is not null, result.Failure);
        string? difference = LayerGoldens.Compare(GoldenFiles.Cases[id], result, GoldenFiles.TensorRt86[id], GoldenFiles.Rtx[id]);
        Assert.True(difference is null, difference);
    }

    [Fact]
    public void DifferingCasesStillDiffer()
    {
        Skip.If(TestTarget.Library is not null, "The list is about the CPU runtime itself.");
        foreach ((string id, string reason) in Differing)
        {
            string? difference = LayerGoldens.Compare(GoldenFiles.Cases[id], Run(id), GoldenFiles.TensorRt86[id], GoldenFiles.Rtx[id]);
            output.WriteLine($"{id}: {difference} ({reason})");
            Assert.True(difference is not null, $"{id} is as the libraries have it now; take it out of the list.");
        }
    }

    private static CaseResult Run(string id) =>
        new CaseRunner(TestLibrary.Current.CreateInferBuilder, TestLibrary.Current.CreateInferRuntime).Run(GoldenFiles.Cases[id]);

    private static bool IsThere(JsonElement call)
    {
        string path = call[1].GetString()!;
        return !(path.StartsWith("network.add", StringComparison.Ordinal) || path.StartsWith("other.add", StringComparison.Ordinal))
            || CpuRuntime.Provider.Supports($"INetworkDefinition.{path[(path.IndexOf('.') + 1)..]}");
    }
}

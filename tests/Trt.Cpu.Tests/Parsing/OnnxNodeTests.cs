using System.Text.Json;
using Trt.Tests.Goldens;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>ONNX's node tests through IParser, plan and context, against ONNX's reference outputs and against what NVIDIA's parser accepts.</summary>
/// <remarks>ONNX_NODE_TEST_NAMES, a part of the names, runs those only and lists each; the share is then not judged.</remarks>
public class OnnxNodeTests(ITestOutputHelper output)
{
    private const double Share = 0.95;

    /// <summary>Refused with another code than NVIDIA's, each with its reason.</summary>
    private static readonly Dictionary<string, string> Differing = new(StringComparer.Ordinal)
    {
        ["test_celu_float16"] = "NVIDIA's parser stumbles over the rank of a tensor without a shape; ours says which types differ, as an invalid node",
        ["test_celu_bfloat16"] = "as test_celu_float16",
    };

    private static readonly string? Part = Environment.GetEnvironmentVariable("ONNX_NODE_TEST_NAMES");
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> Goldens = new(() => GoldenFiles.ReadJson("parser_rtx-1.6.1_nogpu.json.gz").GetProperty("node_tests")
        .EnumerateArray().ToDictionary(test => test.GetProperty("name").GetString()!, StringComparer.Ordinal));

    [SkippableFact]
    public void WhatNvidiaAcceptsGivesOnnxsResults()
    {
        string[] names = Names(accepted: true);
        List<string> failures = [];
        int alike = 0;
        foreach (string name in names)
        {
            OnnxNodeRun run = new OnnxNodeRun(name).Run();
            if (run.BuildRefusal is { } kind && kind == NvidiasBuildRefusal(Goldens.Value[name]))
            {
                alike++;
            }
            else if (run.Failure is { } failure)
            {
                failures.Add($"{name}: {failure.ReplaceLineEndings(" ")}");
                output.WriteLine(failures[^1]);
            }
        }

        output.WriteLine($"{names.Length - failures.Count - alike} of {names.Length} passed, {alike} are refused by the builder as NVIDIA's builder refuses them.");
        if (Part is null)
        {
            Assert.True(names.Length - failures.Count >= Share * names.Length, $"{failures.Count} of {names.Length} fail:{Environment.NewLine}{string.Join(Environment.NewLine, failures)}");
        }
        else
        {
            Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        }
    }

    [SkippableFact]
    public void WhatNvidiaRefusesIsRightOrRefusedWithItsCode()
    {
        List<string> differences = [];
        string[] names = Names(accepted: false);
        foreach (string name in names)
        {
            if (Differing.ContainsKey(name))
            {
                continue;
            }

            OnnxNodeRun run = new OnnxNodeRun(name).Run();
            string code = CaseValues.Bare(Goldens.Value[name].GetProperty("errors")[0][0].GetString()!);
            if (run.Refused is { } error ? !string.Equals(error.Code.ToString(), code, StringComparison.OrdinalIgnoreCase) : run.Failure is not null)
            {
                differences.Add($"{name}: {code} for NVIDIA, but {run.Failure!.ReplaceLineEndings(" ")}");
                output.WriteLine(differences[^1]);
            }
        }

        output.WriteLine($"{names.Length - differences.Count} of {names.Length} as they should be.");
        Assert.True(differences.Count == 0, $"{differences.Count} differ:{Environment.NewLine}{string.Join(Environment.NewLine, differences)}");
    }

    /// <summary>Number and kind of the first error of NVIDIA's builder, which the parser's networks got without a profile; null when it built, or only lacked the profile.</summary>
    private static string? NvidiasBuildRefusal(JsonElement golden) => golden.GetProperty("log").EnumerateArray()
        .Where(line => line[0].GetString() == "build" && line[1].GetString() == "kERROR" && !line[2].GetString()!.Contains("no optimization profile", StringComparison.Ordinal))
        .Select(line => OnnxNodeRun.Kind(line[2].GetString()!)).FirstOrDefault();

    private static string[] Names(bool accepted)
    {
        Skip.If(OnnxTestSuite.Folder is null, OnnxTestSuite.Missing);
        return [.. OnnxTestSuite.Names.Where(name => Goldens.Value.TryGetValue(name, out JsonElement golden) && golden.GetProperty("parse").GetBoolean() == accepted
            && (Part is null || name.Contains(Part, StringComparison.Ordinal)))];
    }
}

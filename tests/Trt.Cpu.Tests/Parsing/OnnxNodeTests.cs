using System.Text.Json;
using Trt.Tests.Goldens;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>ONNX's node tests through IParser, plan and context, against ONNX's reference outputs and against what NVIDIA's parser accepts.</summary>
/// <remarks>ONNX_NODE_TEST_NAMES, a part of the names, runs those only and lists each; the share is then not judged.</remarks>
public sealed class OnnxNodeTests(ITestOutputHelper output)
{
    private const double Share = 0.95;
    private static readonly string? Part = Environment.GetEnvironmentVariable("ONNX_NODE_TEST_NAMES");
    private static readonly Lazy<IReadOnlyDictionary<string, JsonElement>> Goldens = new(() => GoldenFiles.ReadJson("parser_rtx-1.6.1_nogpu.json.gz").GetProperty("node_tests")
        .EnumerateArray().ToDictionary(test => test.GetProperty("name").GetString()!, StringComparer.Ordinal));

    [SkippableFact]
    public void WhatNvidiaAcceptsGivesOnnxsResults()
    {
        string[] names = Names(accepted: true);
        List<string> failures = [];
        foreach (string name in names)
        {
            if (new OnnxNodeRun(name).Run().Failure is { } failure)
            {
                failures.Add($"{name}: {failure.ReplaceLineEndings(" ")}");
                output.WriteLine(failures[^1]);
            }
        }

        output.WriteLine($"{names.Length - failures.Count} of {names.Length} passed.");
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

    private static string[] Names(bool accepted)
    {
        Skip.If(OnnxTestSuite.Folder is null, OnnxTestSuite.Missing);
        return [.. OnnxTestSuite.Names.Where(name => Goldens.Value.TryGetValue(name, out JsonElement golden) && golden.GetProperty("parse").GetBoolean() == accepted
            && (Part is null || name.Contains(Part, StringComparison.Ordinal)))];
    }
}

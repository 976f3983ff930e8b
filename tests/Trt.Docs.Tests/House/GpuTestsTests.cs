using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Trt.Docs.Tests.House;

/// <summary>The program for machines with a GPU: what can be seen of it where there is none.</summary>
public sealed partial class GpuTestsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gpu-tests-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ItListsItsParts()
    {
        (int code, string output) = Run("--list");
        Assert.Equal(0, code);
        foreach (string part in (string[])["device", "lean8", "lean10", "lean11", "runner", "networks", "parser", "calibration", "refit", "engines", "inference", "weights", "quantization", "refitting", "bindings", "lite-suite", "layers", "building", "rtx"])
        {
            Assert.Matches($@"(?m)^{part} +\w.* \(needs \w", output);
        }
    }

    [Fact]
    public void APartRunsOnTheCpuRuntimeAndIsReported()
    {
        string file = Path.Combine(folder, "made", "report.json");
        (int code, string output) = Run("--library", "cpu:10.16", "--only", "building", "--report", file);
        Assert.True(code == 0, output);
        Match sum = Sum().Match(output.TrimEnd().Split('\n')[^1]);
        Assert.True(sum.Success, output);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement root = report.RootElement;
        JsonElement[] cases = [.. root.GetProperty("cases").EnumerateArray()];
        foreach ((string field, string outcome, int group) in (ReadOnlySpan<(string, string, int)>)[("passed", "ok", 1), ("failed", "failed", 2), ("skipped", "skipped", 3)])
        {
            int count = cases.Count(one => one.GetProperty("outcome").GetString() == outcome);
            Assert.Equal(count, root.GetProperty(field).GetInt32());
            Assert.Equal(count.ToString(System.Globalization.CultureInfo.InvariantCulture), sum.Groups[group].Value);
        }

        Assert.True(root.GetProperty("passed").GetInt32() >= 4, output);
        Assert.All(cases, one => Assert.Equal(("building", "cpu:10.16"), (one.GetProperty("part").GetString(), one.GetProperty("library").GetString())));
        Assert.All(cases.Where(one => one.GetProperty("outcome").GetString() == "skipped"), one => Assert.NotEmpty(one.GetProperty("message").GetString()!));
        JsonElement figure = cases.SelectMany(one => one.GetProperty("measurements").EnumerateArray()).First();
        Assert.Equal("ms", figure.GetProperty("unit").GetString());
        Assert.True(figure.GetProperty("value").GetDouble() > 0);
        Assert.Equal("cpu:10.16", Assert.Single(root.GetProperty("libraries").EnumerateArray()).GetProperty("path").GetString());
        Assert.True(root.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
    }

    /// <summary>The program judges tests made for it: what only mentions a missing member must stay a failure.</summary>
    [Fact]
    public void OnlyWhatAReleaseLacksIsASkip()
    {
        (int code, string output) = Run("--library", "cpu:8.6.1", "--only", "skips", "--report", Path.Combine(folder, "report.json"));
        Assert.True(code == 0, output);
        Match sum = Sum().Match(output.TrimEnd().Split('\n')[^1]);
        Assert.Equal(("12", "0", "0"), (sum.Groups[1].Value, sum.Groups[2].Value, sum.Groups[3].Value));
    }

    [Fact]
    public void WhatIsNoLibraryCostsALine()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Directory.CreateDirectory(Path.Combine(folder, "lib"));
        File.WriteAllText(Path.Combine(folder, "lib", "libnvinfer.so.10"), "this is no library");
        string file = Path.Combine(folder, "report.json");
        (int code, string output) = Run("--library", folder, "--only", "networks", "--report", file);
        Assert.Equal(0, code);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(file));
        JsonElement library = Assert.Single(report.RootElement.GetProperty("libraries").EnumerateArray());
        Assert.NotEmpty(library.GetProperty("problem").GetString()!);
        Assert.False(library.GetProperty("hasBuilder").GetBoolean());
        Assert.Contains("0 passed, 0 failed, 1 skipped", output, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongUseIsSaid()
    {
        (int code, string output) = Run("--library", "cpu", "--report", "r.json", "--only", "nothing");
        Assert.Equal(2, code);
        Assert.Contains("There is no part \"nothing\"; the parts are device, ", output, StringComparison.Ordinal);
        Assert.Equal(2, Run().Code);
        (code, output) = Run("--library", Path.Combine(folder, "absent"), "--report", Path.Combine(folder, "r.json"));
        Assert.Equal(2, code);
        Assert.Contains("absent, which is no folder", output, StringComparison.Ordinal);
        (code, output) = Run("--library", folder, "--report", Path.Combine(folder, "r.json"), "--only", "building");
        Assert.Equal(1, code);
        Assert.Contains("there is no TensorRT library in ", output, StringComparison.Ordinal);
    }

    private static (int Code, string Output) Run(params string[] arguments)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Checkout.Path("tests", "Trt.GpuTests", "bin", configuration, "net10.0", "Trt.GpuTests.dll");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    [GeneratedRegex(@"^(\d+) passed, (\d+) failed, (\d+) skipped in [\d.]+ s$")]
    private static partial Regex Sum();
}

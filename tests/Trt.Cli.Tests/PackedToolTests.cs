using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Tests;
using Xunit;

namespace Trt.Cli.Tests;

/// <summary>The package of the tool, installed into a folder from a folder, as a user has it.</summary>
public sealed class PackedToolTests(PackedToolTests.Installed installed) : IClassFixture<PackedToolTests.Installed>
{
    private const string Variable = "TRT_ONNXRUNTIME_LIBRARY";

    [Fact]
    public void It_lists_its_commands()
    {
        Ran ran = installed.Trt(null, "--help");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("  trt [command] [options]", ran.Output, StringComparison.Ordinal);
        Assert.All(["bench", "build", "calibrate", "compare", "completion", "debug", "diff", "doctor", "inspect", "onnx", "reduce", "refit", "run", "weights"],
            command => Assert.Matches($"(?m)^  {command} ", ran.Output));
    }

    [Fact]
    public void It_inspects_a_model()
    {
        Ran ran = installed.Trt(null, "inspect", ModelFiles.Find("lenet.onnx"));
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.StartsWith("ONNX model  ", ran.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  Conv +2$", ran.Output);
    }

    [Fact]
    public void It_runs_a_model_with_the_library_that_the_variable_names()
    {
        string digits = Path.Combine(Path.GetDirectoryName(ModelFiles.Find("lenet.onnx"))!, "digits");
        Ran ran = installed.Trt(OnnxRuntimeFolder(), "run", ModelFiles.Find("lenet.onnx"), "--input", digits);
        Assert.True(ran.ExitCode == 0, ran.Error);
        Assert.Matches(@"(?m)^accuracy +(100|99[.\d]*) % .* of 200; labels from file names\)", ran.Output);
    }

    [Fact]
    public void Without_the_library_it_says_what_to_do()
    {
        string empty = Directory.CreateDirectory(Path.Combine(installed.Folder, "empty")).FullName;
        Ran ran = installed.Trt(empty, "run", ModelFiles.Find("lenet.onnx"), "--library", "cpu");
        Assert.Equal(1, ran.ExitCode);
        Assert.StartsWith("trt: ONNX Runtime's native library was not found.", ran.Error, StringComparison.Ordinal);
        Assert.Contains($"NuGet package Microsoft.ML.OnnxRuntime (a zip archive, folder runtimes/{Rid()}/native) or the npm package onnxruntime-node (folder bin/napi-v*/", ran.Error, StringComparison.Ordinal);
        Assert.Contains($"and set {Variable} to its file or folder.", ran.Error, StringComparison.Ordinal);
        Assert.Contains($"set {Variable} to its", string.Join(' ', installed.Trt(empty, "doctor", "--library", "cpu").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static string Rid() => $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static string OnnxRuntimeFolder() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Path.Combine(Checkout.Root, ".cache", "onnxruntime", Rid());

    /// <summary>Packs what was built, for any platform, and installs it; no source but the folder is asked.</summary>
    public sealed class Installed : IDisposable
    {
        private static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        private readonly string program;

        public Installed()
        {
            string packages = Path.Combine(Folder, "packages"), bin = Path.Combine(Folder, "bin");
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            Require("pack", Path.Combine(Checkout.Root, "src", "Trt.Cli"), "--no-build", "-c", configuration, "-o", packages, $"-p:PublishDir={Path.Combine(Folder, "publish")}/", "-nologo", "-nodeReuse:false");
            string[] made = [.. Directory.EnumerateFiles(packages).Select(file => Path.GetFileName(file))];
            Assert.Single(made);
            File.WriteAllText(Path.Combine(Folder, "nuget.config"), "<configuration><packageSources><clear /><add key=\"packed\" value=\"packages\" /></packageSources></configuration>");
            Require("tool", "install", "Trt.Cli", "--tool-path", bin);
            program = Path.Combine(bin, OperatingSystem.IsWindows() ? "trt.exe" : "trt");
        }

        public string Folder { get; } = Directory.CreateTempSubdirectory("trt-packed-").FullName;

        public void Dispose() => Directory.Delete(Folder, recursive: true);

        /// <summary>Runs the installed tool.</summary>
        /// <param name="library">Where ONNX Runtime is said to be; null says nothing.</param>
        /// <param name="arguments">What stands behind <c>trt</c>.</param>
        internal Ran Trt(string? library, params IEnumerable<string> arguments) => Start(program, library, arguments);

        private void Require(params IEnumerable<string> arguments)
        {
            Ran ran = Start(Path.Combine(Dotnet, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"), null, arguments);
            Assert.True(ran.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{ran.Output}{ran.Error}");
        }

        private Ran Start(string file, string? library, IEnumerable<string> arguments)
        {
            ProcessStartInfo info = new(file, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
            info.Environment["DOTNET_ROOT"] = Dotnet;
            info.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
            info.Environment["DOTNET_NOLOGO"] = "1";
            info.Environment.Remove(Variable);
            if (library is not null)
            {
                info.Environment[Variable] = library;
            }

            using Process process = Process.Start(info)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new Ran(process.ExitCode, output, error.Result);
        }
    }
}

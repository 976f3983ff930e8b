using System.Diagnostics;
using Trt.Build;

namespace Trt.Docs.Tests.Markdown;

/// <summary>Runs blocks in processes of their own, started in the repository's root.</summary>
internal static class BlockRunner
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    // Verbs whose work is the surroundings of these tests; a page that names one is right when the verb exists.
    private static readonly string[] NotFromWithinTests = ["test", "build", "bench", "pack", "clean", "api"];

    /// <summary>Compiles and runs C#; the program's output, or null when it was only to be compiled.</summary>
    public static string? CSharp(string text, bool run)
    {
        string folder = Directory.CreateTempSubdirectory("trt-docs-").FullName;
        try
        {
            string assembly = Path.Combine(folder, "Snippet.dll");
            IReadOnlyList<string> problems = SnippetCompiler.Compile(text, assembly);
            Assert.True(problems.Count == 0, string.Join("\n", problems));
            if (!run)
            {
                return null;
            }

            foreach (string package in SnippetCompiler.PackageFiles)
            {
                File.Copy(package, Path.Combine(folder, Path.GetFileName(package)));
            }

            // The tests' own says which framework to take.
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Trt.Docs.Tests.runtimeconfig.json"), Path.Combine(folder, "Snippet.runtimeconfig.json"));
            return Run(Dotnet.Program, assembly);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs shell lines; what they print on standard output.</summary>
    public static string Bash(string text, string bash)
    {
        List<string> script = ["set -euo pipefail"];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["./build.sh", string verb, ..])
            {
                Assert.True(verb == "help" || Verb.All.Any(v => v.Name == verb), $"build.sh has no verb {verb}");
                script.Add(NotFromWithinTests.Contains(verb) ? ":" : line);
            }
            else
            {
                script.Add(line);
            }
        }

        return Run(bash, "-c", string.Join("\n", script));
    }

    private static string Run(string program, params string[] arguments)
    {
        // What a page's reader would leave in the folder for temporary files goes.
        string temporary = Directory.CreateTempSubdirectory("trt-page-").FullName;
        try
        {
            ProcessStartInfo info = new(program, arguments)
            {
                WorkingDirectory = Checkout.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                RedirectStandardInput = true,
                Environment = { ["TMPDIR"] = temporary },
            };
            using Process process = Process.Start(info)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"still running after {Patience.TotalMinutes} minutes");
            }

            Assert.True(process.ExitCode == 0, $"ended with {process.ExitCode}:\n{output.Result}\n{errors.Result}");
            return output.Result;
        }
        finally
        {
            try
            {
                Directory.Delete(temporary, recursive: true);
            }
            catch (IOException)
            {
                // A compiler's server that the block started may still write there.
            }
        }
    }
}

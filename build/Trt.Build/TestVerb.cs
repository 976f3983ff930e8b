using System.Diagnostics;
using Trt.Build.Testing;

namespace Trt.Build;

/// <summary>Builds once, runs every test project one after the other, and sums up. The last line is for programs: <c>N passed, N failed[, N skipped]</c>.</summary>
internal static class TestVerb
{
    // A test that hangs becomes a failure that names it.
    private const string HangTimeout = "5m";

    // How dotnet test begins the list of tests that ran when the process ended; --blame-hang brings it.
    private const string RunningAtCrash = "The test running when the crash occurred";

    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        SystemPackages.Provide("which the generator's tests read headers with", "clang-19", "install clang 19 from https://releases.llvm.org", "clang++-19", "clang++");
        SystemPackages.ProvideLibrary("which PNG pictures are read with", "libspng0", "libspng.so.0");
        SystemPackages.ProvideLibrary("which JPEG pictures are read with", "libturbojpeg0", "libturbojpeg.so.0");
        SystemPackages.Provide("which the pages of trt bench are opened in", "chromium fonts-dejavu-core", "install Chromium or Chrome", "chromium", "chromium-browser", "google-chrome");
        BuildVerb.BuildAll(repository);
        Environment.SetEnvironmentVariable("TRT_REPOSITORY", repository.Root);

        string results = Path.Combine(repository.Artifacts, "test-results");
        if (Directory.Exists(results))
        {
            Directory.Delete(results, recursive: true);
        }

        List<TestOutcome> all = [];
        foreach (string project in repository.TestProjects)
        {
            all.AddRange(RunProject(repository, project, results, arguments));
        }

        return Summary.Print(all, Console.Out);
    }

    private static List<TestOutcome> RunProject(Repository repository, string project, string results, IReadOnlyList<string> arguments)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        string report = Path.Combine(results, name + ".trx");
        Console.WriteLine($"{name} …");
        Stopwatch watch = Stopwatch.StartNew();
        (int code, string output) = Tool.Capture(
            repository.Root,
            Dotnet.Program,
            ["test", project, "--no-build", "-c", Dotnet.Configuration, "-nologo", "-v", "quiet",
             "--logger", $"trx;LogFileName={name}.trx", "--results-directory", results,
             "--blame-hang", "--blame-hang-timeout", HangTimeout, "--blame-hang-dump-type", "none", .. arguments]);

        List<TestOutcome> outcomes = File.Exists(report) ? [.. TrxReport.Read(name, report)] : [];
        bool filtered = arguments.Any(a => a.StartsWith("--filter", StringComparison.Ordinal));
        if (code != 0 && !outcomes.Any(o => o.Result == TestResult.Failed))
        {
            outcomes.Add(new(name, "the test process", TestResult.Failed, $"dotnet test ended with {code} without a failed test:\n{output}"));
        }
        else if (outcomes.Count == 0 && !filtered)
        {
            outcomes.Add(new(name, "the test process", TestResult.Failed, $"no test was run:\n{output}"));
        }

        foreach (TestOutcome failure in outcomes.Where(o => o.Result == TestResult.Failed))
        {
            Console.WriteLine($"  FAILED {failure.Name}\n    {Summary.Shorten(failure.Text).ReplaceLineEndings("\n    ")}");
        }

        if (output.IndexOf(RunningAtCrash, StringComparison.Ordinal) is int at and >= 0)
        {
            Console.WriteLine($"  {Summary.Shorten(output[at..]).ReplaceLineEndings("\n  ")}");
        }

        Console.WriteLine($"  {Summary.Line(outcomes)} ({watch.Elapsed.TotalSeconds:0} s)");
        return outcomes;
    }
}

using System.Xml.Linq;
using Trt.Build;

namespace Trt.Docs.Tests.House;

/// <summary>What holds for the repository as a whole.</summary>
public class HouseTests
{
    private const long MegaByte = 1_000_000;

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string[] inSolution = [.. XDocument.Load(Checkout.Repository.Solution).Descendants("Project").Select(p => (string)p.Attribute("Path")!).Order(StringComparer.Ordinal)];
        string[] onDisk =
        [
            .. new[] { "benchmarks", "build", "generator", "samples", "src", "tests" }
                .SelectMany(Checkout.Repository.Projects)
                .Select(Checkout.Repository.Relative)
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(onDisk, inSolution);
    }

    [Fact]
    public void Models_stay_under_15_megabytes() =>
        Assert.InRange(Directory.EnumerateFiles(Checkout.Path("models"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length), 1, 15 * MegaByte);

    [SkippableFact]
    public void Tracked_files_stay_under_30_megabytes()
    {
        Skip.IfNot(Tool.Find("git") is not null && Path.Exists(Checkout.Path(".git")), "the size of tracked files is checked in a git checkout");
        (int code, string output) = Tool.Capture(Checkout.Root, "git", "ls-files", "-z");
        Assert.True(code == 0, output);
        long size = output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(f => new FileInfo(Checkout.Path(f))).Where(f => f.Exists).Sum(f => f.Length);
        Assert.InRange(size, 0, 30 * MegaByte);
    }

    [Fact]
    public void Every_copied_model_and_golden_is_described()
    {
        foreach (string folder in new[] { Checkout.Path("models"), Checkout.Path("tests", "goldens") })
        {
            string readme = File.ReadAllText(Path.Combine(folder, "README.md"));
            string[] silent = [.. Directory.EnumerateFileSystemEntries(folder).Select(f => Path.GetFileName(f)!).Where(f => f != "README.md" && !readme.Contains($"`{f}`", StringComparison.Ordinal) && !readme.Contains($"`{f}/`", StringComparison.Ordinal))];
            Assert.Empty(silent);
        }
    }

    [SkippableFact]
    public void Both_scripts_show_the_same_verbs()
    {
        string shell = File.ReadAllText(Checkout.Path("build.sh"));
        string power = File.ReadAllText(Checkout.Path("build.ps1"));
        Assert.Contains("Trt.Build.dll", shell, StringComparison.Ordinal);
        Assert.Contains("Trt.Build.dll", power, StringComparison.Ordinal);

        string? pwsh = Tool.Find("pwsh");
        Skip.If(pwsh is null, "build.ps1 is run where there is a PowerShell (pwsh)");
        (int code, string output) = Tool.Capture(Checkout.Root, pwsh!, "-NoProfile", "-File", Checkout.Path("build.ps1"), "help");
        Assert.True(code == 0, output);
        Assert.All(Verb.All, v => Assert.Contains(v.Summary, output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_verbs_that_the_readme_promises_exist() =>
        Assert.Superset(new HashSet<string> { "run", "test", "build", "bench", "pack", "clean" }, Verb.All.Select(v => v.Name).ToHashSet());

    [Fact]
    public void Only_non_blank_lines_count()
    {
        string folder = Directory.CreateTempSubdirectory("trt-lines-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "obj"));
        File.WriteAllText(Path.Combine(folder, "A.cs"), "one\n\n  \ntwo\n");
        File.WriteAllText(Path.Combine(folder, "obj", "B.cs"), "built\n");
        Assert.Equal(2, LineCount.Count(folder));
        Directory.Delete(folder, recursive: true);
    }
}

namespace Trt.Build;

/// <summary>The folders of this repository.</summary>
internal sealed class Repository(string root)
{
    /// <summary>The folder that holds Trt.slnx.</summary>
    public string Root { get; } = root;

    public string Solution => Path.Combine(Root, "Trt.slnx");

    /// <summary>What is built and may be deleted at any time.</summary>
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>What was downloaded or unpacked and is kept between builds.</summary>
    public string Cache => Path.Combine(Root, ".cache");

    /// <summary>The projects under src/ that become packages, by name.</summary>
    public IEnumerable<string> PackageProjects => Projects("src");

    public IEnumerable<string> TestProjects => Projects("tests").Where(p => p.EndsWith("Tests.csproj", StringComparison.Ordinal) && IsTestProject(p));

    public static Repository Find()
    {
        string? named = Environment.GetEnvironmentVariable("TRT_REPOSITORY");
        for (string? folder = named ?? Environment.CurrentDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Trt.slnx")))
            {
                return new Repository(folder);
            }
        }

        throw new BuildException($"no Trt.slnx in {named ?? Environment.CurrentDirectory} or a folder above it. Start build.sh or build.ps1 of the repository.");
    }

    /// <summary>All project files under a folder of the repository, sorted; build outputs are not searched.</summary>
    public IEnumerable<string> Projects(string folder)
    {
        string path = Path.Combine(Root, folder);
        return Directory.Exists(path)
            ? Sources(path, "*.csproj").Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>Files under a folder, without those in bin and obj folders.</summary>
    public static IEnumerable<string> Sources(string folder, string pattern)
    {
        char slash = Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{slash}bin{slash}", StringComparison.Ordinal) && !f.Contains($"{slash}obj{slash}", StringComparison.Ordinal));
    }

    /// <summary>A path as users of the repository write it.</summary>
    public string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    // tests/Trt.GpuTests is a program for a machine with a GPU, not a test project.
    private static bool IsTestProject(string project) => File.ReadAllText(project).Contains("Microsoft.NET.Test.Sdk", StringComparison.Ordinal);
}

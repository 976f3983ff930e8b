namespace Trt.Build;

/// <summary>Removes build outputs; downloads only when asked.</summary>
internal static class CleanVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        if (arguments.FirstOrDefault(a => a != "--all") is { } unknown)
        {
            throw new BuildException($"\"{unknown}\" is no argument of clean; there is only --all.");
        }

        string own = Path.Combine(repository.Root, "build", "Trt.Build");      // running from there just now
        IEnumerable<string> outputs = new[] { "src", "generator", "samples", "tests", "benchmarks", "build" }
            .SelectMany(repository.Projects)
            .Select(p => Path.GetDirectoryName(p)!)
            .Where(folder => folder != own)
            .SelectMany(folder => new[] { Path.Combine(folder, "bin"), Path.Combine(folder, "obj") })
            .Append(repository.Artifacts);
        if (arguments.Contains("--all"))
        {
            outputs = outputs.Append(repository.Cache);
        }

        foreach (string folder in outputs.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
            Console.WriteLine($"removed {repository.Relative(folder)}");
        }

        return 0;
    }
}

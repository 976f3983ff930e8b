namespace Trt.Build;

/// <summary>Writes one NuGet package per project of src/.</summary>
internal static class PackVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        string folder = Path.Combine(repository.Artifacts, "packages");
        foreach (string project in repository.PackageProjects)
        {
            Dotnet.Quietly($"packing {repository.Relative(project)}", repository.Root, "pack", project, ["-o", folder, .. arguments]);
        }

        foreach (string package in Directory.EnumerateFiles(folder, "*.nupkg").Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"{repository.Relative(package)}  {new FileInfo(package).Length / 1024} KiB");
        }

        return 0;
    }
}

namespace Trt.Build;

/// <summary>The budget of hand-written code: non-blank lines of C# per project. What the generator writes is not counted.</summary>
internal static class LineCount
{
    public static void Print(Repository repository, TextWriter output)
    {
        output.WriteLine("hand-written lines (non-blank, C#)");
        int total = 0;
        foreach (string project in repository.PackageProjects.Concat(repository.Projects("generator")))
        {
            int lines = Count(Path.GetDirectoryName(project)!);
            total += lines;
            output.WriteLine($"  {Path.GetFileNameWithoutExtension(project),-16} {lines,7}");
        }

        output.WriteLine($"  {"all",-16} {total,7}");
    }

    /// <summary>Non-blank lines of the C# files under a folder.</summary>
    public static int Count(string folder) =>
        Repository.Sources(folder, "*.cs").Sum(file => File.ReadLines(file).Count(line => !string.IsNullOrWhiteSpace(line)));
}

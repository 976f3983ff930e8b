namespace Trt.Build.PublicApi;

/// <summary>Compares the assemblies of src/ with their PublicAPI.txt, or rewrites these.</summary>
internal static class ApiCheck
{
    /// <summary>Prints the differences of all packages.</summary>
    /// <returns>Whether there are none.</returns>
    public static bool Execute(Repository repository, TextWriter output)
    {
        bool same = true;
        foreach (string project in Libraries(repository))
        {
            string[] difference = [.. Difference(TextFile(project), ApiText.Read(Assembly(project)))];
            if (difference.Length == 0)
            {
                continue;
            }

            same = false;
            output.WriteLine($"The public API of {Path.GetFileNameWithoutExtension(project)} is not what {repository.Relative(TextFile(project))} says:");
            foreach (string line in difference)
            {
                output.WriteLine($"  {line}");
            }
        }

        if (!same)
        {
            output.WriteLine("If this is wanted: ./build.sh api rewrites the files; commit them with the change, and say in CHANGELOG.md what users see of it.");
        }

        return same;
    }

    /// <summary>Writes the files of all packages.</summary>
    public static void Write(Repository repository, TextWriter output)
    {
        foreach (string project in Libraries(repository))
        {
            IReadOnlyList<string> lines = ApiText.Read(Assembly(project));
            File.WriteAllText(TextFile(project), string.Concat(lines.Select(l => l + "\n")));
            output.WriteLine($"{repository.Relative(TextFile(project))}: {lines.Count} lines");
        }
    }

    /// <summary>Lines that are in one of two sorted texts only: <c>- </c> gone, <c>+ </c> new.</summary>
    public static IEnumerable<string> Difference(string textFile, IReadOnlyList<string> actual)
    {
        string[] recorded = File.Exists(textFile) ? File.ReadAllLines(textFile) : [];
        return recorded.Except(actual, StringComparer.Ordinal).Select(l => (Line: l, Sign: '-'))
            .Concat(actual.Except(recorded, StringComparer.Ordinal).Select(l => (Line: l, Sign: '+')))
            .OrderBy(d => d.Line, StringComparer.Ordinal)
            .Select(d => $"{d.Sign} {d.Line}");
    }

    /// <summary>The packages that other code can reference; tools have no API.</summary>
    public static IEnumerable<string> Libraries(Repository repository) =>
        repository.PackageProjects.Where(project => !File.ReadAllText(project).Contains("<PackAsTool>true</PackAsTool>", StringComparison.Ordinal));

    private static string TextFile(string project) => Path.Combine(Path.GetDirectoryName(project)!, "PublicAPI.txt");

    private static string Assembly(string project)
    {
        string file = Path.Combine(Path.GetDirectoryName(project)!, "bin", Dotnet.Configuration, "net10.0", Path.GetFileNameWithoutExtension(project) + ".dll");
        return File.Exists(file) ? file : throw new BuildException($"{file} is missing; the build has not written it.");
    }
}

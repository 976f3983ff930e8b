namespace Trt.Build;

/// <summary>Runs a sample on the CPU runtime unless its arguments say otherwise: the one that is named, else the digits one, which is the first thing to try.</summary>
internal static class RunVerb
{
    private const string First = "HelloNetwork";

    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        string samples = Path.Combine(repository.Root, "samples");
        bool named = arguments.Count > 0 && !arguments[0].StartsWith('-');
        string name = named ? arguments[0] : First;
        string project = Path.Combine(samples, name, name + ".csproj");
        if (!File.Exists(project))
        {
            string[] known = [.. Directory.EnumerateDirectories(samples).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];
            throw new BuildException($"There is no sample \"{name}\". The samples are {string.Join(", ", known)}.");
        }

        OnnxRuntimeLibrary.Provide(repository);
        Dotnet.Build(repository, project);
        return Dotnet.Run(repository, project, [.. arguments.Skip(named ? 1 : 0).SkipWhile((argument, i) => i == 0 && argument == "--")]);
    }
}

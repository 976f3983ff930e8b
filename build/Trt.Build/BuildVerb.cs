using Trt.Build.PublicApi;

namespace Trt.Build;

/// <summary>Builds all, checks the public API against its text files and prints the line counts.</summary>
internal static class BuildVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0)
        {
            throw new BuildException($"build takes no arguments, but got \"{string.Join(' ', arguments)}\".");
        }

        BuildAll(repository);
        bool same = ApiCheck.Execute(repository, Console.Out);
        LineCount.Print(repository, Console.Out);
        return same ? 0 : 1;
    }

    /// <summary>Everything that the tests need.</summary>
    public static void BuildAll(Repository repository)
    {
        OnnxRuntimeLibrary.Provide(repository);
        Dotnet.Build(repository, repository.Solution);
        NativeBuild.Execute(repository);
    }
}

using Trt.Build.PublicApi;

namespace Trt.Build;

/// <summary>Rewrites the public API text files; the difference is then reviewed like any other.</summary>
internal static class ApiVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        Dotnet.Build(repository, repository.Solution);
        ApiCheck.Write(repository, Console.Out);
        return 0;
    }
}

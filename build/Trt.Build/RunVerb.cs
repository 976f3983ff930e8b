namespace Trt.Build;

/// <summary>The first thing to try: the digits sample, on the CPU runtime unless its arguments say otherwise.</summary>
internal static class RunVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        string project = Path.Combine(repository.Root, "samples", "HelloNetwork", "HelloNetwork.csproj");
        if (!File.Exists(project))
        {
            throw new BuildException($"{repository.Relative(project)} is missing.");
        }

        OnnxRuntimeLibrary.Provide(repository);
        Dotnet.Build(repository, project);
        return Dotnet.Run(repository, project, arguments);
    }
}

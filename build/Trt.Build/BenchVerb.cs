namespace Trt.Build;

/// <summary>Runs the project in benchmarks/, with its C++ counterparts built first.</summary>
internal static class BenchVerb
{
    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        string project = repository.Projects("benchmarks").FirstOrDefault() ?? throw new BuildException("benchmarks/ holds no project.");
        OnnxRuntimeLibrary.Provide(repository);
        NativeBuild.Execute(repository);
        Dotnet.Build(repository, project);
        return Dotnet.Run(repository, project, arguments);
    }
}

namespace Trt.Build;

/// <summary>Calls of the dotnet command that started this program.</summary>
internal static class Dotnet
{
    public const string Configuration = "Release";

    public static string Program => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Tool.Find("dotnet") ?? "dotnet";

    /// <summary>Builds a project or the solution; its output is shown when that fails.</summary>
    public static void Build(Repository repository, string project) =>
        Quietly($"building {repository.Relative(project)}", repository.Root, "build", project);

    /// <summary>Runs a command of dotnet that takes a configuration and shows its output when it fails.</summary>
    public static void Quietly(string purpose, string folder, string command, string project, params IEnumerable<string> more)
    {
        Console.WriteLine($"{purpose} …");
        (int code, string output) = Tool.Capture(folder, Program, [command, project, "-c", Configuration, "-nologo", "-v", "quiet", .. more]);
        if (code != 0)
        {
            throw new BuildException($"{purpose} failed (exit code {code}):\n{output}");
        }
    }

    /// <summary>Runs a project that was built.</summary>
    public static int Run(Repository repository, string project, IReadOnlyList<string> arguments) =>
        Tool.Run(repository.Root, Program, ["run", "--no-build", "-c", Configuration, "--project", project, "--", .. arguments]);
}

using System.Runtime.InteropServices;
using System.Security;

namespace Trt.Build;

/// <summary>Writes the NuGet packages of the projects of src/, the tool's for each platform, and installs the tool from them to see that it starts.</summary>
internal static class PackVerb
{
    private const string ToolPackage = "Trt.Cli";

    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        string folder = Path.Combine(repository.Artifacts, "packages");
        foreach (string project in repository.PackageProjects)
        {
            // A tool's package takes all that lies in its publish folders, also what is left from before.
            string built = Path.Combine(Path.GetDirectoryName(project)!, "bin", Dotnet.Configuration);
            foreach (string published in Directory.Exists(built) ? Directory.GetDirectories(built, "publish", SearchOption.AllDirectories) : [])
            {
                Directory.Delete(published, recursive: true);
            }

            Dotnet.Quietly($"packing {repository.Relative(project)}", repository.Root, "pack", project, ["-o", folder, "-p:PrecompileTool=true", .. arguments]);
        }

        foreach (string package in Directory.EnumerateFiles(folder, "*.nupkg").Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"{repository.Relative(package)}  {new FileInfo(package).Length / 1024} KiB");
        }

        TryTool(repository, folder);
        return 0;
    }

    /// <summary>Installs the tool as a user does, from the packages and no other source, and looks into a model with it.</summary>
    private static void TryTool(Repository repository, string packages)
    {
        FileInfo package = new DirectoryInfo(packages).EnumerateFiles($"{ToolPackage}.*.nupkg").Where(file => char.IsDigit(file.Name[ToolPackage.Length + 1])).MaxBy(file => file.LastWriteTimeUtc)
            ?? throw new BuildException($"{repository.Relative(packages)} has no package {ToolPackage}.");
        string version = Path.GetFileNameWithoutExtension(package.Name)[(ToolPackage.Length + 1)..];
        string scratch = Directory.CreateTempSubdirectory("trt-pack-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(scratch, "nuget.config"), $"<configuration><packageSources><clear /><add key=\"packed\" value=\"{SecurityElement.Escape(packages)}\" /></packageSources></configuration>");
            Require(Tool.Capture(scratch, Dotnet.Program, "tool", "install", ToolPackage, "--version", version, "--tool-path", "bin"), "it could not be installed");
            if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is null or "")
            {
                Environment.SetEnvironmentVariable("DOTNET_ROOT", Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")));
            }

            string program = Path.Combine(scratch, "bin", OperatingSystem.IsWindows() ? "trt.exe" : "trt");
            Require(Tool.Capture(scratch, program, "inspect", Path.Combine(repository.Root, "models", "lenet.onnx")), "installed, it did not look into models/lenet.onnx");
            Console.WriteLine($"{ToolPackage} {version}: installed and tried");
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }

        void Require((int Code, string Output) ran, string problem)
        {
            if (ran.Code != 0)
            {
                throw new BuildException($"{repository.Relative(package.FullName)} is packed, but {problem} (exit code {ran.Code}):\n{ran.Output}");
            }
        }
    }
}

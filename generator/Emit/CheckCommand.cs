using System.CommandLine;
using Trt.Generator.Extract;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>`trt-generator check`: everything generated is what the generator would write.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> root = new("--root") { Description = "Folder of the repository.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        Option<DirectoryInfo?> headers = new("--headers") { Description = "Folder with the headers of every release (LIBRARY-RELEASE/); extracts again and compares." };
        Command command = new("check", "Fails when emitting, or extracting where headers are given, would change a file.") { root, headers };
        command.SetAction(result =>
        {
            try
            {
                string folder = result.GetValue(root)!.FullName;
                List<string> differences = [.. GeneratedFiles.Changes(folder, new Emitter(folder).Emit()).Select(path => $"{path}: emitting would change it; run trt-generator emit.")];
                if (result.GetValue(headers) is { } given)
                {
                    differences.AddRange(ModelCheck.Differences(ClangCompiler.Find(), given.FullName, Path.Combine(folder, "bindings", "models")));
                }

                foreach (string difference in differences)
                {
                    Console.Error.WriteLine(difference);
                }

                Console.WriteLine(differences.Count == 0 ? "Everything generated is up to date." : $"{differences.Count} files are out of date.");
                return differences.Count == 0 ? 0 : 1;
            }
            catch (Exception exception) when (exception is EmitException or ModelFormatException or ExtractException or IOException)
            {
                Console.Error.WriteLine(exception.Message);
                return 1;
            }
        });
        return command;
    }
}

using System.CommandLine;
using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>`trt-generator emit`: models → C#.</summary>
internal static class EmitCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> root = new("--root") { Description = "Folder of the repository.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        Option<bool> undocumented = new("--list-undocumented") { Description = "Print the members that bindings/docs says nothing about." };
        Command command = new("emit", "Writes bindings/generated and docs/coverage.md from bindings/models, annotations.yaml and docs.") { root, undocumented };
        command.SetAction(result =>
        {
            try
            {
                string folder = result.GetValue(root)!.FullName;
                Emitter emitter = new(folder);
                IReadOnlyDictionary<string, string> files = emitter.Emit();
                int changed = GeneratedFiles.Write(folder, files);
                Console.WriteLine($"{files.Count} files, {changed} changed, {emitter.Undocumented.Count} members without a text of their own.");
                if (result.GetValue(undocumented))
                {
                    Console.WriteLine(string.Join(Environment.NewLine, emitter.Undocumented.Order(StringComparer.Ordinal)));
                }

                return 0;
            }
            catch (Exception exception) when (exception is EmitException or ModelFormatException or IOException)
            {
                Console.Error.WriteLine(exception.Message);
                return 1;
            }
        });
        return command;
    }
}

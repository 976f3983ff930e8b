using System.CommandLine;
using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary><c>trt-generator extract</c>: headers to models.</summary>
internal static class ExtractCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<string[]> include = new("--include") { Description = "Header folder of one release; give it again for the ONNX parser's header.", AllowMultipleArgumentsPerToken = false };
        Option<string> release = new("--release") { Description = "Name of that release, for example 10.17." };
        Option<string> library = new("--library") { Description = "tensorrt, tensorrt-rtx or onnxruntime.", DefaultValueFactory = _ => "tensorrt" };
        library.AcceptOnlyFromAmong("tensorrt", "tensorrt-rtx", "onnxruntime");
        Option<string> headers = new("--headers") { Description = "Folder with one folder of headers per release (tensorrt-10.16, tensorrt-rtx-1.6, ...): all models are written anew." };
        Option<string> output = new("--output") { Description = "Folder that the models are written to.", DefaultValueFactory = _ => Path.Combine("bindings", "models") };
        Command command = new("extract", "Reads TensorRT's headers with clang and writes one JSON model per release.") { include, release, library, headers, output };
        command.SetAction(result => Guard(result.InvocationConfiguration.Error, () => Run(
            result.GetValue(include) ?? [], result.GetValue(release), result.GetValue(library)!, result.GetValue(headers), result.GetValue(output)!,
            result.InvocationConfiguration.Output)));
        return command;
    }

    private static int Run(string[] include, string? release, string library, string? headers, string output, TextWriter log)
    {
        if ((headers is null) == (include.Length == 0))
        {
            throw new ExtractException("Give either --include DIR with --release, or --headers ROOT.");
        }
        ClangCompiler clang = ClangCompiler.Find();
        if (headers is not null)
        {
            foreach (ExtractRequest request in ReleaseFolders.Find(headers))
            {
                Save(request.Extract(clang), output, log);
            }
            return 0;
        }
        if (release is null)
        {
            throw new ExtractException("Give the name of the release with --release, for example --release 10.17.");
        }
        bool together = include.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "NvInfer.h"))) is { } main && File.Exists(Path.Combine(main, "NvOnnxParser.h"));
        string parser = library == ExtractRequest.OnnxRuntime ? "" : together ? "tag" : "given apart";
        Save(new ExtractRequest(library, release, include, parser, []).Extract(clang), output, log);
        return 0;
    }

    private static void Save(ApiModel model, string folder, TextWriter log)
    {
        string path = ApiModelWriter.Save(model, folder);
        int functions = model.Classes.Sum(item => item.Methods.Count) + model.Tables.Sum(item => item.Functions.Count);
        log.WriteLine($"{path}: {model.Classes.Count + model.Tables.Count} classes and tables, {functions} methods, {model.Enums.Count} enums, {model.Structs.Count} structs");
    }

    private static int Guard(TextWriter error, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is ExtractException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return 1;
        }
    }
}

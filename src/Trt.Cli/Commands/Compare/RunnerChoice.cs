using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Something that runs models, or has run them: an entry of <c>--runtimes</c>.</summary>
/// <param name="Text">The entry as it was given, which names the runner.</param>
/// <param name="Target"><c>onnx</c>, <c>cpu</c>, <c>tensorrt</c>, <c>rtx</c>, the path of a library, or of an .npz file with outputs; empty for the library of <c>--library</c>.</param>
/// <param name="Precision">The precision that it builds with; null: that of the build options.</param>
internal sealed record RunnerChoice(string Text, string Target, Precision? Precision)
{
    /// <summary>Whether it is ONNX Runtime.</summary>
    public bool IsOnnx => Target == "onnx";

    /// <summary>Whether it is a file of saved outputs.</summary>
    public bool IsSaved => Target.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it builds and runs engines.</summary>
    public bool IsLibrary => !IsOnnx && !IsSaved;

    /// <summary>The library that <c>--library</c> names, or that is found.</summary>
    public static RunnerChoice Default(TensorRtLibrary library) => new(NameOf(library.Flavour), string.Empty, null);

    /// <summary>Reads a list.</summary>
    /// <exception cref="UserError">An entry is none.</exception>
    public static IReadOnlyList<RunnerChoice> Parse(string text)
    {
        RunnerChoice[] choices = [.. ShapeText.Entries(text).Select(One)];
        if (choices.GroupBy(choice => choice.Text).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UserError($"--runtimes has \"{twice.Key}\" twice.", Cli.ExitCode.Usage);
        }

        return choices.Length > 0 ? choices : throw new UserError("--runtimes names none: onnx, cpu, tensorrt, rtx, a library's path, or an .npz file, with commas between.", Cli.ExitCode.Usage);
    }

    /// <summary>Loads the library.</summary>
    /// <param name="session">Knows what the options mean.</param>
    /// <param name="library">The value of <c>--library</c>.</param>
    public TensorRtLibrary Load(Session session, string? library)
    {
        CpuRuntime.Register();
        return Target switch
        {
            "" => session.Library(library),
            "cpu" => session.Library("cpu"),
            "tensorrt" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.TensorRT, LibraryPath = library is null or "cpu" ? null : library }),
            "rtx" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.TensorRTRtx, LibraryPath = library is null or "cpu" ? null : library }),
            _ => session.Library(Target),
        };
    }

    private static RunnerChoice One(string entry)
    {
        string text = entry.Trim();
        int colon = text.LastIndexOf(':');
        Precision? precision = colon > 0 ? PrecisionOf(text[(colon + 1)..]) : null;
        string target = precision is null ? text : text[..colon];
        string known = target.ToLowerInvariant() switch
        {
            "onnx" or "onnxrt" or "onnxruntime" or "ort" => "onnx",
            "cpu" => "cpu",
            "tensorrt" or "trt" => "tensorrt",
            "rtx" or "tensorrt-rtx" => "rtx",
            _ => target,
        };
        RunnerChoice choice = new(text, known, precision);
        if (precision is not null && !choice.IsLibrary)
        {
            throw new UserError($"--runtimes {text}: {target} computes as the model says, so that no precision can be chosen. Leave \":{text[(colon + 1)..]}\" out.", Cli.ExitCode.Usage);
        }

        if (ReferenceEquals(known, target) && known is not "cpu" and not "onnx" and not "tensorrt" and not "rtx" && !File.Exists(target) && !Directory.Exists(target))
        {
            throw new UserError($"--runtimes {text}: that is none of onnx, cpu, tensorrt and rtx, and no file or folder. A precision may follow a library: cpu:fp16, tensorrt:int8.", Cli.ExitCode.Usage);
        }

        return choice;
    }

    /// <summary>Reads precisions with plus signs between; null when the text is something else.</summary>
    public static Precision? PrecisionOf(string text)
    {
        Precision result = Utils.Precision.FP32;
        foreach (string part in text.Split('+'))
        {
            if (part.Length == 0 || !char.IsLetter(part[0]) || !Enum.TryParse(part, ignoreCase: true, out Precision one))
            {
                return null;
            }

            result |= one;
        }

        return result;
    }

    private static string NameOf(Flavour flavour) => flavour switch
    {
        Flavour.Cpu => "cpu",
        Flavour.TensorRTRtx => "rtx",
        Flavour.LeanRuntime => "lean",
        Flavour.DispatchRuntime => "dispatch",
        _ => "tensorrt",
    };
}

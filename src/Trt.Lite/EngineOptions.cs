using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>What an <see cref="Engine"/> is made of and how it runs. Everything but the model has a default.</summary>
/// <remarks>Read when the engine is made; changes afterwards count for nothing.</remarks>
public sealed partial class EngineOptions
{
    /// <summary>The model's file: ONNX, a plan, or weights for which there is a model builder.</summary>
    public string? Path { get; set; }

    /// <summary>What kind of file it is. <see cref="Framework.Auto"/>: what its content says.</summary>
    public Framework Framework { get; set; }

    /// <summary>Defines a network instead of a file.</summary>
    public Action<INetworkDefinition>? Network { get; set; }

    /// <summary>Defines the network for weights. Null: the first of <see cref="ModelBuilders.All"/> that recognises them.</summary>
    public IModelBuilder? ModelBuilder { get; set; }

    /// <summary>What messages, metrics and traces call the engine; null: the file's name.</summary>
    public string? Name { get; set; }

    /// <summary>Inputs and their extents without batch, where the model leaves them open: <c>["input"] = [3, 224, 224]</c>. Names that are no input of the model are refused.</summary>
    public IDictionary<string, long[]> InputNodes { get; } = new Dictionary<string, long[]>(StringComparer.Ordinal);

    /// <summary>The outputs that are wanted, in this order; none: all of the model's. A tensor inside of the network may be named too, and becomes an output.</summary>
    public IList<string> OutputNodes { get; } = [];

    /// <summary>Whether the first axis of all inputs is the batch. Null: it is where it is open in all of them, or where it is the same everywhere, outputs too, and 1, or that of pictures (four axes).</summary>
    public bool? HasBatch { get; set; }

    /// <summary>Whether numbers may be rounded and limited to fit the input's type. Beyond the range of a floating type they become infinite.</summary>
    public bool Convert { get; set; }

    /// <summary>The least severe of the library's messages that are heard. Default: warnings.</summary>
    public Severity LoggerSeverity { get; set; } = Severity.Warning;

    /// <summary>Hears the library's messages, those of <see cref="LoggerSeverity"/> and worse; null: the console's standard error.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>These options, if their numbers make sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One does not; the message names it.</exception>
    internal EngineOptions Checked()
    {
        Check(nameof(Contexts), Contexts, 1);
        Check(nameof(MaxBatch), MaxBatch, 1);
        Check(nameof(Parallelism), Parallelism, 1);
        Check(nameof(WarmUp), WarmUp, 0);
        Check(nameof(Profile), Profile, 0);
        return this;

        static void Check(string name, int? value, int least)
        {
            if (value < least)
            {
                throw new ArgumentOutOfRangeException(name, $"EngineOptions.{name} is {value}, but has to be at least {least}.");
            }
        }
    }
}

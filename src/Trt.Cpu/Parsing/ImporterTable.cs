using Trt.Cpu.Parsing.Importers;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Defines one node of an ONNX graph in the network and gives what its outputs stand for.</summary>
internal delegate ImportedValue?[] Importer(ImportNode node);

/// <summary>The operators that can be imported. Each family of them registers its own in Importers/.</summary>
internal sealed class ImporterTable
{
    private readonly Dictionary<string, (Importer Import, Action<ImportNode>? Check)> importers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ParseCode Code, string Why)> refused = new(StringComparer.Ordinal);

    private ImporterTable()
    {
        Arithmetic.Register(this);
        Attentions.Register(this);
        Conditionals.Register(this);
        Constants.Register(this);
        Conversions.Register(this);
        Filters.Register(this);
        Generators.Register(this);
        Lookups.Register(this);
        Loops.Register(this);
        Normalizations.Register(this);
        Plugins.Register(this);
        Pointwise.Register(this);
        Poolings.Register(this);
        Products.Register(this);
        Quantizations.Register(this);
        Rearrangements.Register(this);
        Recurrences.Register(this);
        Refusals.Register(this);
        Reductions.Register(this);
        Resizing.Register(this);
        Signals.Register(this);
        Slices.Register(this);
        SoftMaxes.Register(this);
    }

    /// <summary>The table of this release.</summary>
    public static ImporterTable Shared { get; } = new();

    public IEnumerable<string> Operators => importers.Keys;

    public bool Has(string op) => importers.ContainsKey(op);

    /// <summary>Adds an operator.</summary>
    /// <param name="op">Its name in ONNX.</param>
    /// <param name="import">Defines its layers.</param>
    /// <param name="check">What can be told without the network, before any node after it is imported; throws what it finds.</param>
    public void Add(string op, Importer import, Action<ImportNode>? check = null) => importers.Add(op, (import, check));

    /// <summary>Names operators of the standard that TensorRT does not have.</summary>
    public void Refuse(ParseCode code, string why, params ReadOnlySpan<string> ops)
    {
        foreach (string op in ops)
        {
            refused.Add(op, (code, why));
        }
    }

    public Importer Import(string op) => importers.TryGetValue(op, out (Importer Import, Action<ImportNode>?) entry) ? entry.Import : PluginFallback.Import;

    public Action<ImportNode>? Check(string op) =>
        importers.TryGetValue(op, out (Importer, Action<ImportNode>? Check) entry) ? entry.Check
        : refused.TryGetValue(op, out (ParseCode Code, string Why) known) ? _ => throw new ImportRefusal(known.Code, $"{op}: {known.Why}")
        : PluginFallback.Check;
}

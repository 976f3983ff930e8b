using Trt.Interop;

namespace Trt.Utils;

/// <summary>Finds for each of an engine's weights its tensor, or what is computed of several.</summary>
/// <param name="refitting">Tells the names, types and counts.</param>
/// <param name="source">The tensors.</param>
/// <param name="mapping">How names and matrices differ.</param>
internal sealed class WeightsMatch(Refitting refitting, WeightsMap source, RefitMapping mapping)
{
    private readonly IRefitter refitter = refitting.Native;
    private readonly bool tellsPrototypes = refitting.TellsPrototypes;
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    public List<RefitGift> Gifts { get; } = [];

    public List<string> NotFound { get; } = [];

    /// <exception cref="ArgumentException">A tensor has another number of elements than the weights; the message names it.</exception>
    public RefitReport Find()
    {
        string[] names = refitter.GetAllWeights();
        foreach (string name in names)
        {
            if (mapping.SourceOf(name) is { } wanted && !TryName(name, wanted))
            {
                NotFound.Add(name);
            }
        }

        foreach ((string layer, WeightsRole role) in refitter.GetAll())
        {
            // Those with a name are listed here again: their tensors are used by now.
            string name = RefitMapping.NameOf(layer, role);
            if (mapping.SourceOf(name) is not { } wanted || used.Contains(wanted))
            {
                continue;
            }

            if (source[wanted].IsTensor)
            {
                Gifts.Add(WeightsGift.Of(null, layer, role, Fit(Take(wanted), RefitGift.Label(layer, role), name, Weights.Empty(), isKnown: false)));
            }
            else if (names.Length == 0)
            {
                NotFound.Add(RefitGift.Label(layer, role));
            }
        }

        return new RefitReport([.. Gifts.Select(gift => gift.Key)], NotFound, [.. source.Names.Where(name => !used.Contains(Full(name)))]);
    }

    /// <summary>A tensor for weights of a name.</summary>
    /// <exception cref="ArgumentException">It has another number of elements.</exception>
    public WeightsGift Of(string name, TorchTensor tensor) =>
        WeightsGift.Of(name, null, default, Fit(tensor, name, name, tellsPrototypes ? refitter.GetWeightsPrototype(name) : Weights.Empty(), tellsPrototypes));

    private string Full(string name) => source.Prefix.Length == 0 ? name : $"{source.Prefix}.{name}";

    private bool TryName(string name, string wanted)
    {
        RefitRecipe recipe = RefitRecipe.Of(wanted);
        if (!recipe.IsComputed)
        {
            if (!source[wanted].IsTensor)
            {
                return false;
            }

            Gifts.Add(Of(name, Take(wanted)));
            return true;
        }

        foreach (string part in recipe.SourcesIn(source))
        {
            if (!source[Relative(part)].IsTensor)
            {
                return false;
            }
        }

        foreach (string part in recipe.SourcesIn(source))
        {
            used.Add(Relative(part));
        }

        float[] values = tellsPrototypes ? recipe.Compute(source, refitter.GetWeightsPrototype(name).Count) : recipe.Compute(source);
        Gifts.Add(Of(name, TorchTensor.FromArray(values, values.Length)));
        return true;
    }

    private string Relative(string full) => source.Prefix.Length == 0 ? full : full[(source.Prefix.Length + 1)..];

    private TorchTensor Take(string wanted)
    {
        used.Add(wanted);
        return source[wanted].Tensor;
    }

    /// <summary>The tensor in the engine's type and order.</summary>
    private TorchTensor Fit(TorchTensor tensor, string label, string name, Weights prototype, bool isKnown)
    {
        if (isKnown && prototype.Count >= 0 && prototype.Count != tensor.ElementCount)
        {
            throw new ArgumentException($"Weights \"{label}\" of the engine have {prototype.Count} elements, but {tensor} has {tensor.ElementCount}. Map the name to another tensor with RefitMapping.Rename.");
        }

        if (mapping.Transpose?.Invoke(name) == true)
        {
            tensor = tensor.Transpose();
        }

        TorchDType wanted = isKnown ? TypeOf(prototype.Type) ?? tensor.DType : tensor.DType == TorchDType.Float64 ? TorchDType.Float32 : tensor.DType;
        return tensor.DType == wanted ? tensor.ToContiguous() : tensor.ConvertTo(wanted, wanted.IsFloatingPoint() ? ConversionRule.Rounded : ConversionRule.Exact);
    }

    private static TorchDType? TypeOf(DataType type) => type switch
    {
        DataType.Float => TorchDType.Float32,
        DataType.Half => TorchDType.Float16,
        DataType.BF16 => TorchDType.BFloat16,
        DataType.FP8 => TorchDType.Float8E4M3FN,
        DataType.Int8 => TorchDType.Int8,
        DataType.UInt8 => TorchDType.UInt8,
        DataType.Int32 => TorchDType.Int32,
        DataType.Int64 => TorchDType.Int64,
        DataType.Bool => TorchDType.Bool,
        _ => null,
    };
}

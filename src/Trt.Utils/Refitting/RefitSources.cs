using Trt.Interop;

namespace Trt.Utils;

/// <summary>Where a <see cref="Refitting"/> takes weights from. What one call gives is taken as a whole or not at all; later calls replace what earlier ones gave for the same weights.</summary>
public static class RefitSources
{
    /// <summary>Takes values from a state dict: by the weights' names, by layer and role where they have none, and computed where the name is a recipe.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="weights">The tensors; an open file must stay open until the refit. Types are converted where the engine's is another.</param>
    /// <param name="mapping">How names differ; null: not at all.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="MissingWeightsException">There is nothing for some weights, and the mapping does not allow that.</exception>
    /// <exception cref="ArgumentException">A tensor has another number of elements than the weights.</exception>
    public static RefitReport SetFrom(this Refitting refitting, WeightsMap weights, RefitMapping? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentNullException.ThrowIfNull(weights);
        return Match(refitting, weights, mapping ?? new RefitMapping(), "The source");
    }

    /// <summary>Takes values from an ONNX file: by the library's own parser where it refits, else from the model's constants, by the names that the parser gave the weights.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="path">The model that the engine was built from, with other weights.</param>
    /// <param name="mapping">How names differ, which the parser cannot be told: then constants are used. Null: not at all.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="MissingWeightsException">There is nothing for some weights.</exception>
    /// <exception cref="OnnxParseException">The file has faults that parsers do not survive.</exception>
    /// <exception cref="TensorRtException">The parser refused; the message has its reason.</exception>
    public static RefitReport SetFromOnnx(this Refitting refitting, string path, RefitMapping? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using (FileStream file = OnnxImport.Open(path))
        {
            OnnxImport.Check(file, path, Path.GetDirectoryName(Path.GetFullPath(path)));
        }

        if (mapping is null && refitting.Library.Supports("IParserRefitter"))
        {
            try
            {
                refitting.Add([new OnnxGift(refitting.Library, refitting.Log, path)]);
                return new RefitReport(refitting.Names, [], []);
            }
            catch (TensorRtNotFoundException)
            {
                // Without the parser's library the constants are read here.
            }
        }

        RefitMapping how = mapping ?? new RefitMapping();
        HashSet<string> wanted = [.. refitting.Names.Concat(refitting.Places.Select(place => RefitMapping.NameOf(place.Layer, place.Role))).Select(how.SourceOf).OfType<string>()];
        using OnnxModel model = OnnxModel.Load(path);
        return Match(refitting, InitializerTensors.Of(model, wanted.Contains), how, path);
    }

    /// <summary>Takes values from a network's layers, by layer and role.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="network">The network that the engine was built from, defined with other weights; must stay until the refit.</param>
    /// <param name="allowPartial">Whether weights of layers that the network lacks may stay as they are.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="MissingWeightsException">The network has nothing for some weights.</exception>
    public static RefitReport SetFrom(this Refitting refitting, INetworkDefinition network, bool allowPartial = false)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentNullException.ThrowIfNull(network);
        HashSet<(string, WeightsRole)> places = [.. refitting.Places];
        List<RefitGift> gifts = [];
        List<string> unused = [];
        foreach ((string layer, WeightsRole role, Weights weights) in NetworkWeights.Of(network))
        {
            if (places.Remove((layer, role)))
            {
                gifts.Add(new WeightsGift(null, layer, role, weights, TensorLocation.Host, () => _ = network.NbLayers));
            }
            else
            {
                unused.Add(RefitGift.Label(layer, role));
            }
        }

        string[] notFound = [.. places.Select(place => RefitGift.Label(place.Item1, place.Item2))];
        Refitting.CheckFound(notFound, unused, "The network", allowPartial);
        refitting.Add(gifts);
        return new RefitReport([.. gifts.Select(gift => gift.Key)], notFound, unused);
    }

    /// <summary>Takes the values that another refit has given its engine, or was given for it: so engines of one network get equal weights.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="other">Of another engine of the same network. What holds its values must still be there.</param>
    /// <returns>What matched.</returns>
    public static RefitReport SetFrom(this Refitting refitting, Refitting other)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentNullException.ThrowIfNull(other);
        IReadOnlyDictionary<string, RefitGift> gifts = other.Gifts;
        IReadOnlyList<string> names = refitting.Names;
        HashSet<string> known = [.. names, .. refitting.Places.Select(place => RefitGift.Label(place.Layer, place.Role))];
        RefitGift[] fitting = [.. gifts.Values.Where(gift => gift is OnnxGift || known.Contains(gift.Key)).Select(gift => gift is OnnxGift onnx ? onnx.For(refitting) : gift)];
        refitting.Add(fitting);
        string[] given = [.. fitting.SelectMany(gift => gift is OnnxGift ? names : [gift.Key]).Distinct(StringComparer.Ordinal)];
        return new RefitReport(given, [.. names.Except(given)], [.. gifts.Values.Where(gift => gift is not OnnxGift && !known.Contains(gift.Key)).Select(gift => gift.Key)]);
    }

    /// <summary>Takes the values that were set on TensorRT's own refitter, by name.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="other">A refitter of another engine of the same network; the memory that it was given must stay until the refit.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="NotInThisReleaseException">The refitter's release does not tell what it was given.</exception>
    public static RefitReport SetFrom(this Refitting refitting, IRefitter other)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentNullException.ThrowIfNull(other);
        List<RefitGift> gifts = [];
        List<string> notFound = [];
        foreach (string name in refitting.Names)
        {
            Weights weights = other.GetNamedWeights(name);
            if (weights.Values == 0)
            {
                notFound.Add(name);
            }
            else
            {
                gifts.Add(new WeightsGift(name, null, default, weights, other.GetWeightsLocation(name)));
            }
        }

        refitting.Add(gifts);
        return new RefitReport([.. gifts.Select(gift => gift.Key)], notFound, []);
    }

    /// <summary>Takes the values that another engine was built with, out of the file that it was built from. An engine itself does not give its weights back.</summary>
    /// <param name="refitting">The refit.</param>
    /// <param name="other">An engine's file, whose JSON names the ONNX or weight file.</param>
    /// <param name="mapping">How names differ; null: not at all.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="ArgumentException">Nobody knows what the engine was built from, or the ONNX file has changed since.</exception>
    /// <exception cref="MissingWeightsException">There is nothing for some weights.</exception>
    public static RefitReport SetFrom(this Refitting refitting, EngineFile other, RefitMapping? mapping = null)
    {
        ArgumentNullException.ThrowIfNull(refitting);
        ArgumentNullException.ThrowIfNull(other);
        SourceReport source = other.Report?.Source ?? throw new ArgumentException($"{other} has no JSON beside it, so that nobody knows its weights: refit from the state dict or ONNX file that it was built from.", nameof(other));
        if (source.Kind is not ("onnx" or "weights") || !File.Exists(source.Name))
        {
            throw new ArgumentException($"{other} was built from {source.Kind} {source.Name}, which is no file here, and an engine does not give its weights back: refit from its state dict or ONNX file.", nameof(other));
        }

        if (source.Kind == "onnx")
        {
            using (FileStream file = OnnxImport.Open(source.Name))
            {
                if (source.Sha256 is { } hash && !hash.Equals(OnnxHash.Of(file, Path.GetDirectoryName(Path.GetFullPath(source.Name))), StringComparison.OrdinalIgnoreCase))
                {
                    throw new ArgumentException($"{source.Name} has changed since {other} was built from it, so that its weights are others: refit from the file that has the weights wanted.", nameof(other));
                }
            }

            return SetFromOnnx(refitting, source.Name, mapping);
        }

        WeightsMap weights = WeightsMap.Open(source.Name);
        refitting.Keep(weights);
        return SetFrom(refitting, weights, mapping);
    }

    private static RefitReport Match(Refitting refitting, WeightsMap weights, RefitMapping mapping, string source)
    {
        WeightsMatch match = new(refitting, weights, mapping);
        RefitReport report = match.Find();
        Refitting.CheckFound(report.NotFound, report.Unused, source, mapping.AllowPartial);
        refitting.Add(match.Gifts);
        return report;
    }
}

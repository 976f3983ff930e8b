using Trt.Interop;

namespace Trt.Utils;

/// <summary>Carries out the options that concern a network: outputs, layouts, single layers, what can be watched and replaced.</summary>
internal sealed class NetworkOptions(BuildWork work, INetworkDefinition network)
{
    private readonly List<string> refusals = [];
    private Dictionary<string, ITensor>? tensors;

    private BuildOptions Options => work.Options;

    /// <summary>Notes what a release lacks of what network options need.</summary>
    public static void Ask(BuildOptions options, OptionWriter writer)
    {
        AskFor(options.DebugTensors.Count > 0, "DebugTensors", "INetworkDefinition.markDebug");
        AskFor(options.UnfusedDebugTensors, "UnfusedDebugTensors", "INetworkDefinition.markUnfusedTensorsAsDebugTensors");
        AskFor(options.DecomposableAttentions.Count > 0, "DecomposableAttentions", "IAttention.setDecomposable");
        AskFor(options.RefittableWeights.Count > 0, "RefittableWeights", "INetworkDefinition.markWeightsRefittable");
        AskFor(options.LayerDevices.Count > 0, "LayerDevices", "IBuilderConfig.setDeviceType");
        foreach (NetworkDefinitionCreationFlag flag in options.NetworkFlags)
        {
            writer.Has($"NetworkFlags: {flag}", flag);
        }

        foreach (Interop.NvOnnxParser.OnnxParserFlag flag in options.ParserFlags.Keys)
        {
            writer.Has($"ParserFlags: {flag}", flag);
        }

        foreach ((string border, string tensor, IOFormat format) in options.InputFormats.Select(entry => ("InputFormats", entry.Key, entry.Value))
            .Concat(options.OutputFormats.Select(entry => ("OutputFormats", entry.Key, entry.Value))))
        {
            foreach (TensorFormat layout in format.Formats)
            {
                writer.Has($"{border}: {tensor} as {layout}", layout);
            }

            if (format.Type is { } type)
            {
                writer.Has($"{border}: {tensor} as {type}", type);
            }
        }

        IEnumerable<string> patterns = options.LayerPrecisions.Select(rule => rule.Layers).Concat(options.LayerOutputTypes.Select(rule => rule.Layers))
            .Concat(options.LayerDevices.Select(rule => rule.Layers)).Concat(options.DecomposableAttentions);
        foreach (string pattern in patterns.Where(pattern => !new NamePattern(pattern).IsValid))
        {
            writer.Refuse($"\"{pattern}\" names no layers: a name has at most one * in it.");
        }

        void AskFor(bool asked, string option, string member)
        {
            if (asked)
            {
                writer.Has(option, member);
            }
        }
    }

    /// <summary>What comes before types are decided: outputs and layouts.</summary>
    /// <exception cref="BuildRefusedException">An option does not fit the network.</exception>
    public void ApplyToBorders()
    {
        foreach (string name in Options.MarkOutputs)
        {
            if (Tensor("MarkOutputs", name) is { IsNetworkOutput: false } tensor)
            {
                network.MarkOutput(tensor);
            }
        }

        foreach (string name in Options.UnmarkOutputs)
        {
            if (Outputs().FirstOrDefault(tensor => tensor.Name == name) is { } output)
            {
                network.UnmarkOutput(output);
            }
            else
            {
                refusals.Add($"UnmarkOutputs: the network has no output \"{name}\"; its outputs are {Listed(Outputs().Select(tensor => tensor.Name))}.");
            }
        }

        Formats("InputFormats", Options.InputFormats, Inputs());
        Formats("OutputFormats", Options.OutputFormats, Outputs());
        ThrowIfRefused();
    }

    /// <summary>What comes after types were decided, on the network that is built.</summary>
    /// <exception cref="BuildRefusedException">An option does not fit the network.</exception>
    public void ApplyToLayers()
    {
        List<ILayer> layers = Layers();
        if (!work.IsStronglyTyped)
        {
            Rules("LayerPrecisions", Options.LayerPrecisions, rule => rule.Layers, layers, SetPrecision);
        }

        Rules("LayerOutputTypes", Options.LayerOutputTypes, rule => rule.Layers, layers, SetOutputTypes);
        Rules("LayerDevices", Options.LayerDevices, rule => rule.Layers, layers, (layer, rule) => work.Config.SetDeviceType(layer, rule.Device));
        Attentions(layers);
        foreach (string name in Options.DebugTensors)
        {
            if (Tensor("DebugTensors", name) is { } tensor)
            {
                network.MarkDebug(tensor);
            }
        }

        if (Options.UnfusedDebugTensors)
        {
            network.MarkUnfusedTensorsAsDebugTensors();
        }

        foreach (string name in Options.RefittableWeights)
        {
            try
            {
                network.MarkWeightsRefittable(name);
            }
            catch (TensorRtException error)
            {
                refusals.Add($"RefittableWeights: the network has no weights \"{name}\". {error.Message}");
            }
        }

        if (Options.Sparsity == Sparsity.Force)
        {
            int changed = SparsePattern.Force(layers);
            work.Warn($"Sparsity = Force: the weights of {changed} layers were overwritten, results are wrong.");
        }

        ThrowIfRefused();
    }

    private IEnumerable<ITensor> Inputs() => Enumerable.Range(0, network.NbInputs).Select(network.GetInput);

    private List<ITensor> Outputs() => [.. Enumerable.Range(0, network.NbOutputs).Select(network.GetOutput)];

    private List<ILayer> Layers() => [.. Enumerable.Range(0, network.NbLayers).Select(network.GetLayer)];

    private void Formats(string option, IReadOnlyDictionary<string, IOFormat> formats, IEnumerable<ITensor> borders)
    {
        List<ITensor> all = [.. borders];
        foreach (string name in formats.Keys.Where(name => name != "*" && !all.Index().Any(tensor => tensor.Item.Name == name || Numbered(tensor.Index) == name)))
        {
            refusals.Add($"{option}: there is no \"{name}\"; there are {Listed(all.Select(tensor => tensor.Name))}.");
        }

        foreach ((int number, ITensor tensor) in all.Index())
        {
            if (!formats.TryGetValue(tensor.Name, out IOFormat? format) && !formats.TryGetValue(Numbered(number), out format) && !formats.TryGetValue("*", out format))
            {
                continue;
            }

            if (format.Type is { } type && type != tensor.Type)
            {
                if (work.IsStronglyTyped)
                {
                    refusals.Add($"{option}: \"{tensor.Name}\" is {tensor.Type} in a strongly typed network and cannot be made {type}. Change the type in the model, or leave it out here.");
                    continue;
                }

                tensor.Type = type;
            }

            if (format.Formats.Count > 0)
            {
                Mask<TensorFormat> mask = Mask.Create<TensorFormat>([.. format.Formats]);
                tensor.AllowedFormats = mask;
                if (tensor.AllowedFormats != mask)
                {
                    refusals.Add($"{option}: {work.Library} keeps {tensor.AllowedFormats} for \"{tensor.Name}\" where {mask} was asked for.");
                }
            }
        }
    }

    private static string Numbered(int number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"#{number}");

    /// <summary>Applies rules to the layers that they name, the last one that names a layer.</summary>
    private void Rules<T>(string option, IReadOnlyList<T> rules, Func<T, string> pattern, List<ILayer> layers, Action<ILayer, T> apply)
        where T : class
    {
        bool[] used = new bool[rules.Count];
        foreach (ILayer layer in rules.Count > 0 ? layers : [])
        {
            for (int i = rules.Count - 1, found = 0; i >= 0; i--)
            {
                if (new NamePattern(pattern(rules[i])).Matches(layer.Name))
                {
                    used[i] = true;
                    if (found++ == 0)
                    {
                        apply(layer, rules[i]);
                    }
                }
            }
        }

        for (int i = 0; i < used.Length; i++)
        {
            if (!used[i])
            {
                work.Warn($"{option}: no layer is called \"{pattern(rules[i])}\".");
            }
        }
    }

    private static void SetPrecision(ILayer layer, LayerPrecision rule)
    {
        // A pattern means the layers that compute; indices and truth values have no other type.
        if (rule.Layers.Contains('*', StringComparison.Ordinal) && (layer.NbOutputs == 0 || !IsReal(layer.GetOutput(0).Type)))
        {
            return;
        }

        layer.Precision = rule.Type;
    }

    private void SetOutputTypes(ILayer layer, LayerOutputTypes rule)
    {
        if (rule.Types.Count != 1 && rule.Types.Count != layer.NbOutputs)
        {
            refusals.Add($"LayerOutputTypes: layer \"{layer.Name}\" has {layer.NbOutputs} outputs, but {rule.Types.Count} types were given. Give one type for all, or one for each.");
            return;
        }

        bool pattern = rule.Layers.Contains('*', StringComparison.Ordinal);
        for (int i = 0; i < layer.NbOutputs; i++)
        {
            if (!pattern || IsReal(layer.GetOutput(i).Type))
            {
                layer.SetOutputType(i, rule.Types[rule.Types.Count == 1 ? 0 : i]);
            }
        }
    }

    private void Attentions(List<ILayer> layers)
    {
        List<IAttention> attentions = [.. layers.OfType<IAttentionOutputLayer>().Select(layer => layer.Attention).OfType<IAttention>().Distinct()];
        foreach (string pattern in Options.DecomposableAttentions)
        {
            List<IAttention> named = attentions.FindAll(attention => new NamePattern(pattern).Matches(attention.Name));
            named.ForEach(attention => attention.Decomposable = true);
            if (named.Count == 0)
            {
                work.Warn($"DecomposableAttentions: no attention is called \"{pattern}\".");
            }
        }
    }

    private static bool IsReal(DataType type) => type is DataType.Float or DataType.Half or DataType.BF16 or DataType.Int8 or DataType.FP8;

    private ITensor? Tensor(string option, string name)
    {
        if (tensors is null)
        {
            tensors = new Dictionary<string, ITensor>(StringComparer.Ordinal);
            foreach (ITensor tensor in Inputs().Concat(Layers().SelectMany(layer => Enumerable.Range(0, layer.NbOutputs).Select(layer.GetOutput))))
            {
                tensors.TryAdd(tensor.Name, tensor);
            }
        }

        ITensor? found = tensors.GetValueOrDefault(name);
        if (found is null)
        {
            refusals.Add($"{option}: the network has no tensor \"{name}\"; it has {Nearest(name, tensors.Keys)}.");
        }

        return found;
    }

    private void ThrowIfRefused()
    {
        if (refusals.Count > 0)
        {
            throw new BuildRefusedException(refusals);
        }
    }

    /// <summary>Names for a sentence, those first that somebody may have meant.</summary>
    internal static string Nearest(string name, IEnumerable<string> names)
    {
        string[] all = [.. names];
        return Listed([.. NearestName.Of(name, all).Union(all)]);
    }

    /// <summary>Names for a sentence, the first of many.</summary>
    internal static string Listed(IEnumerable<string> names)
    {
        const int most = 8;
        string[] all = [.. names.Select(name => $"\"{name}\"")];
        return all.Length == 0 ? "none" : string.Join(", ", all.Take(most)) + (all.Length > most ? $" and {all.Length - most} more" : string.Empty);
    }
}

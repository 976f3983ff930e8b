using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Builds a model with some layers kept in 32 bits and tells how far its outputs are from the right ones.</summary>
internal sealed class PrecisionTrial : IDisposable
{
    private readonly RunnerFactory factory;
    private readonly ComparedModel model;
    private readonly TensorRtLibrary library;
    private readonly RunnerChoice choice;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples;
    private readonly IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> wanted;
    private readonly Func<string, ComparisonRule> rules;
    private readonly string folder = Directory.CreateTempSubdirectory("trt-precision-").FullName;

    public PrecisionTrial(
        RunnerFactory factory,
        ComparedModel model,
        TensorRtLibrary library,
        RunnerChoice choice,
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples,
        IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> wanted,
        Func<string, ComparisonRule> rules)
    {
        this.factory = factory;
        this.model = model;
        this.library = library;
        this.choice = choice;
        this.samples = samples;
        this.wanted = wanted;
        this.rules = rules;
        Base = factory.Options(library, model.Onnx!, choice, samples);
        if (Base.Calibration is { CacheFile: null } calibration)
        {
            calibration.CacheFile = Path.Combine(folder, "calibration.cache"); // once for all builds
        }

        IsStronglyTyped = library.Flavour == Flavour.TensorRTRtx || !library.Supports(BuilderFlag.FP16) || Base.StronglyTyped == true;
    }

    /// <summary>How many engines were built.</summary>
    public int Builds { get; private set; }

    /// <summary>Whether types follow from the network, which is rewritten; else they are asked of the builder.</summary>
    public bool IsStronglyTyped { get; }

    /// <summary>Names of the layers that compute with floating-point numbers, in the network's order; known after the first build.</summary>
    public IReadOnlyList<string> Layers { get; private set; } = [];

    /// <summary>What the build options are without layers of their own.</summary>
    public BuildOptions Base { get; }

    /// <summary>Options with which some layers stay in 32 bits, beside those of <paramref name="options"/>.</summary>
    public BuildOptions Keeping(BuildOptions options, IReadOnlyCollection<string> layers)
    {
        options = options with { LayerPrecisions = [.. options.LayerPrecisions, .. layers.Select(layer => new LayerPrecision(layer, DataType.Float))] };
        return IsStronglyTyped || layers.Count == 0 ? options : options with
        {
            // In weakly typed networks what a layer gives has a type of its own, and all of it is a hint unless it must be obeyed.
            LayerOutputTypes = [.. options.LayerOutputTypes, .. layers.Select(layer => new LayerOutputTypes(layer, DataType.Float))],
            PrecisionConstraints = options.PrecisionConstraints == PrecisionConstraints.None ? PrecisionConstraints.Obey : options.PrecisionConstraints,
        };
    }

    /// <summary>Builds in 32 bits throughout, and compares.</summary>
    public TensorComparison Full() => Run(options => options with { Precision = Precision.FP32, Calibration = null, CalibrationCache = null, StronglyTyped = null });

    /// <summary>Builds with some layers in 32 bits, and compares.</summary>
    /// <returns>The worst of the outputs, over all samples; the first that differs where one does.</returns>
    public TensorComparison With(IReadOnlyCollection<string> layers) => Run(options => Keeping(options, layers));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private TensorComparison Run(Func<BuildOptions, BuildOptions> change)
    {
        Builds++;
        using EngineRunner runner = factory.OpenEngine(choice.Text, model.Bytes, library, change(Base) with { Customize = Learn });
        TensorComparison? worst = null;
        for (int i = 0; i < samples.Count; i++)
        {
            IReadOnlyDictionary<string, OnnxTensor> actual = runner.Run(i, samples[i], factory.Cancellation);
            string[] common = [.. wanted[i].Keys.Where(actual.ContainsKey)];
            if (common.Length == 0)
            {
                throw new UserError($"The engine's outputs {string.Join(", ", actual.Keys)} have no name in common with the reference's {string.Join(", ", wanted[i].Keys)}.");
            }

            foreach (string name in common)
            {
                TensorComparison comparison = TensorComparison.Of(wanted[i][name], actual[name], rules(name));
                if (!comparison.Passed)
                {
                    return comparison;
                }

                worst = worst is null || comparison.Absolute?.Max > worst.Absolute?.Max ? comparison : worst;
            }
        }

        return worst!;
    }

    private void Learn(INetworkDefinition network)
    {
        if (Layers.Count > 0)
        {
            return;
        }

        Layers = [.. Enumerable.Range(0, network.NbLayers).Select(network.GetLayer)
            .Where(layer => layer.Type is not (LayerType.Constant or LayerType.Shape) && layer.Name.Length > 0 && !layer.Name.Contains('*', StringComparison.Ordinal)
                && Enumerable.Range(0, layer.NbOutputs).Any(output => layer.GetOutput(output).Type is DataType.Float or DataType.Half or DataType.BF16))
            .Select(layer => layer.Name).Distinct()];
    }
}

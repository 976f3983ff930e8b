using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Writes networks as ONNX files, through the registered CPU runtime, which works without a GPU and reads networks of any library.</summary>
public static class OnnxExporter
{
    /// <summary>Writes a model builder's network with the weights of a checkpoint.</summary>
    /// <param name="builder">The architecture.</param>
    /// <param name="weights">A checkpoint of it.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="KeyNotFoundException">A tensor is missing; the message names it.</exception>
    /// <exception cref="WeightShapeException">A tensor's shape does not fit.</exception>
    /// <exception cref="ArgumentException">Names or shapes do not fit the network.</exception>
    /// <exception cref="NotSupportedException">A layer has no equal in the operator set; the message names it.</exception>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    /// <exception cref="TensorRtException">A layer cannot be shaped or written.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void FromWeights(IModelBuilder builder, WeightsMap weights, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(weights);
        Export(network => builder.Define(network, weights), path, options);
    }

    /// <summary>Writes the network of a checkpoint whose architecture is recognised.</summary>
    /// <param name="weights">A file that <see cref="WeightsMap.Open"/> reads.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="NotSupportedException">No builder recognises the weights, or a layer has no equal in the operator set.</exception>
    /// <inheritdoc cref="FromWeights(IModelBuilder, WeightsMap, string, OnnxExportOptions?)"/>
    public static void FromWeights(string weights, string path, OnnxExportOptions? options = null)
    {
        using WeightsMap map = WeightsMap.Open(weights);
        IModelBuilder builder = ModelBuilders.Find(map)
            ?? throw new NotSupportedException($"{weights}: none of {string.Join(", ", ModelBuilders.All.Select(known => known.Name))} recognises these weights. Say which model builder they are for, or define the network by a function.");
        FromWeights(builder, map, path, options);
    }

    /// <summary>Writes the network that a function defines.</summary>
    /// <param name="define">Adds inputs, layers and outputs to an empty network.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="FromWeights(IModelBuilder, WeightsMap, string, OnnxExportOptions?)"/>
    public static void Export(Action<INetworkDefinition> define, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(define);
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        using IBuilder builder = library.CreateInferBuilder(new DelegateLogger((_, _) => { }));
        using INetworkDefinition network = builder.CreateNetworkV2([NetworkDefinitionCreationFlag.StronglyTyped]);
        define(network);
        for (int i = 0; i < Math.Min(network.NbInputs, options?.InputShapes?.Count ?? 0); i++)
        {
            network.GetInput(i).Dimensions = Dims.Create([.. options!.InputShapes![i].Select(dim => dim.Value)]);
        }

        Export(network, path, options);
    }

    /// <summary>Writes a network of any library, as it is: the shapes of its inputs must be those of the options.</summary>
    /// <param name="network">The network; it is only read. Its outputs must be marked.</param>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="FromWeights(IModelBuilder, WeightsMap, string, OnnxExportOptions?)"/>
    public static void Export(INetworkDefinition network, string path, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxExportOptions();
        string folder = Directory.CreateTempSubdirectory("trt-export-").FullName;
        try
        {
            string raw = Path.Combine(folder, "network.onnx");
            TensorRt.ExportOnnx(network, raw);
            using OnnxModel model = OnnxModel.Load(raw);
            Finish(model, options, DimensionNames(network));
            model.Save(path, options.Save);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Names that the network gives to extents of its inputs; empty where it gives none.</summary>
    private static string[][] DimensionNames(INetworkDefinition network) =>
        [.. Enumerable.Range(0, network.NbInputs).Select(network.GetInput).Select(input => Enumerable.Range(0, input.Dimensions.NbDims).Select(axis => input.GetDimensionName(axis) ?? string.Empty).ToArray())];

    private static void Finish(OnnxModel model, OnnxExportOptions options, string[][] dimensionNames)
    {
        string[] inputs = [.. model.Inputs.Select(input => input.Name)], outputs = [.. model.Outputs.Select(output => output.Name)];
        Rename(model, inputs, options.InputNames ?? (inputs.Length == 1 ? ["input"] : []), "input");
        Rename(model, outputs, options.OutputNames ?? (outputs.Length == 1 ? ["output"] : []), "output");
        SetShapes(model, options, dimensionNames);
        new ExportCleanup().Run(model);
        if (options.DoConstantFolding)
        {
            model.Simplify(new OnnxSimplifyOptions { Check = null });
        }

        model.ConvertOpset(options.OpsetVersion);
        if (options.Simplify is { } simplify)
        {
            model.Simplify(simplify);
        }

        model.RemoveUnusedOpsets();
        if (!options.ExportParams)
        {
            model.WeightsBecomeInputs();
        }
    }

    private static void SetShapes(OnnxModel model, OnnxExportOptions options, string[][] dimensionNames)
    {
        OnnxValueInfo[] inputs = [.. model.Inputs];
        if (options.InputShapes is { } shapes && shapes.Count > inputs.Length)
        {
            throw new ArgumentException($"{shapes.Count} shapes were given, but the network has {inputs.Length} inputs: {string.Join(", ", inputs.Select(input => input.Name))}.");
        }

        for (int i = 0; i < inputs.Length; i++)
        {
            IReadOnlyList<OnnxDim>? wanted = i < options.InputShapes?.Count ? options.InputShapes[i] : null;
            if (wanted is not null && !inputs[i].Dims.SequenceEqual(wanted.Select(dim => dim.Value)))
            {
                throw new ArgumentException($"The network's input {inputs[i]} does not have the shape [{string.Join(", ", wanted)}] that the options say. Define the network with it.");
            }

            model.SetShape(inputs[i].Name, [.. inputs[i].Dims.Select((dim, axis) => dim >= 0 ? new OnnxDim(dim) : wanted?[axis] is { Symbol.Length: > 0 } named ? named : Name(inputs[i].Name, axis))]);

            OnnxDim Name(string input, int axis) => i < dimensionNames.Length && axis < dimensionNames[i].Length && dimensionNames[i][axis].Length > 0 ? dimensionNames[i][axis] : axis == 0 ? "batch" : $"{input}_{axis}";
        }
    }

    private static void Rename(OnnxModel model, string[] names, IReadOnlyList<string> wanted, string kind)
    {
        if (wanted.Count > names.Length)
        {
            throw new ArgumentException($"{wanted.Count} names were given, but the network has {names.Length} {kind}s: {string.Join(", ", names)}.");
        }

        for (int i = 0; i < wanted.Count; i++)
        {
            if (names[i] != wanted[i])
            {
                model.MakeFree(wanted[i]);
                model.Rename(names[i], wanted[i]);
            }
        }
    }
}

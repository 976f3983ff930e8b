using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Gives a refitter the weights of an ONNX model by the names of initializers and Constant nodes.</summary>
/// <param name="refitter">Any library's.</param>
/// <param name="logger">Hears what goes wrong.</param>
internal sealed class OnnxParserRefitter(IRefitter refitter, ILogger logger) : CpuObject, IParserRefitter
{
    private readonly List<ParserError> errors = [];
    private readonly Dictionary<string, (nint Data, long Bytes)> given = new(StringComparer.Ordinal);

    /// <summary>Values that the refitter was told; it may read them until its engine is refitted.</summary>
    private readonly List<Weights> told = [];
    private ModelProto? loaded;
    private string? loadedPath;

    public int NbErrors
    {
        get
        {
            ThrowIfDisposed();
            return errors.Count;
        }
    }

    public void RefitFromBytes(ReadOnlySpan<byte> serializedOnnxModel, string? modelPath = null)
    {
        const string method = "IParserRefitter::refitFromBytes";
        Refit(method, Read(method, serializedOnnxModel), modelPath);
    }

    public void RefitFromFile(string onnxModelFile)
    {
        ArgumentNullException.ThrowIfNull(onnxModelFile);
        ThrowIfDisposed();
        const string method = "IParserRefitter::refitFromFile";
        ModelProto model;
        try
        {
            model = File.Exists(onnxModelFile) ? OnnxReader.ReadFile(onnxModelFile)
                : throw new ImportRefusal(ParseCode.InvalidValue, $"Input file cannot be found, or is not a regular file: {onnxModelFile}");
        }
        catch (ImportRefusal refusal)
        {
            throw Fail(method, refusal);
        }

        Refit(method, model, onnxModelFile);
    }

    public IParserError GetError(int index) => (uint)index < (uint)NbErrors
        ? errors[index]
        : throw new ArgumentOutOfRangeException(nameof(index), $"There is no error {index}; the parser refitter has {errors.Count}.");

    public void ClearErrors()
    {
        ThrowIfDisposed();
        errors.Clear();
    }

    public void LoadModelProto(ReadOnlySpan<byte> serializedOnnxModel, string? modelPath = null)
    {
        loaded = Read("IParserRefitter::loadModelProto", serializedOnnxModel);
        loadedPath = modelPath;
        given.Clear();
    }

    public void LoadInitializer(string name, nint data, nuint size)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfDisposed();
        if (loaded?.Graph?.Initializer.Any(tensor => tensor.Name == name) != true || data == 0)
        {
            throw Fail("IParserRefitter::loadInitializer", new ImportRefusal(ParseCode.InvalidValue, $"Initializer {name} cannot be given: loadModelProto must have read a model that has it, and the data must not be null."));
        }

        given[name] = (data, (long)size);
    }

    public void RefitModelProto()
    {
        ThrowIfDisposed();
        const string method = "IParserRefitter::refitModelProto";
        Refit(method, loaded ?? throw Fail(method, new ImportRefusal(ParseCode.InvalidValue, "There is no model: loadModelProto comes first.")), loadedPath);
    }

    private ModelProto Read(string method, ReadOnlySpan<byte> bytes)
    {
        ThrowIfDisposed();
        try
        {
            return OnnxReader.Read(bytes);
        }
        catch (ImportRefusal refusal)
        {
            throw Fail(method, refusal);
        }
    }

    private void Refit(string method, ModelProto model, string? path)
    {
        ExternalData external = new(path);
        TensorReader tensors = new(external, text => logger.Log(Severity.Warning, text));
        foreach ((string name, (nint Data, long Bytes) memory) in given)
        {
            tensors.Given[name] = memory;
        }

        HashSet<string> wanted = [.. refitter.GetAllWeights()];
        try
        {
            Refit(model.Graph ?? new GraphProto(), tensors, wanted, 0);
            if (wanted.Count > 0)
            {
                throw new ImportRefusal(ParseCode.RefitFailed, $"Failed to refit all the weights: the model has no values for {string.Join(", ", wanted.Order(StringComparer.Ordinal))}.");
            }
        }
        catch (ImportRefusal refusal)
        {
            throw Fail(method, refusal);
        }
        finally
        {
            external.Close();
        }
    }

    /// <summary>Initializers and Constant nodes of a graph and of those in it.</summary>
    private void Refit(GraphProto graph, TensorReader tensors, HashSet<string> wanted, int depth)
    {
        if (depth > 24)
        {
            throw new ImportRefusal(ParseCode.UnsupportedGraph, "Subgraphs lie in one another more than 24 deep.");
        }

        // What a node may use is read once, and only if the engine or a batch normalization asks for it.
        Dictionary<string, Func<ConstantValues>> constants = new(StringComparer.Ordinal);
        foreach (TensorProto initializer in graph.Initializer)
        {
            constants[initializer.Name] = () => tensors.Read(initializer);
        }

        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Constant" && node.Output.Count > 0))
        {
            constants[node.Output[0]] = () => Constant(node, tensors);
        }

        foreach ((string name, Func<ConstantValues> read) in constants.Where(constant => wanted.Remove(constant.Key)))
        {
            Tell(name, read());
        }

        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType == "BatchNormalization" && node.Input.Count == 5)
            {
                Fold(node, constants, wanted);
            }

            foreach (GraphProto inner in node.Attribute.SelectMany(attribute => attribute.G is { } one ? attribute.Graphs.Prepend(one) : attribute.Graphs))
            {
                Refit(inner, tensors, wanted, depth + 1);
            }
        }
    }

    /// <summary>A batch normalization with constants is a factor and a term for each channel, named after the node.</summary>
    private void Fold(NodeProto node, Dictionary<string, Func<ConstantValues>> constants, HashSet<string> wanted)
    {
        string name = node.Name.Length > 0 ? node.Name : "node_of_" + node.Output.FirstOrDefault();
        bool wantsScale = wanted.Remove(name + "_scale");
        bool wantsShift = wanted.Remove(name + "_shift");
        if (!wantsScale && !wantsShift)
        {
            return;
        }

        ConstantValues[] read = [.. node.Input.Skip(1).Select(input => constants.TryGetValue(input, out Func<ConstantValues>? constant)
            ? constant()
            : throw new ImportRefusal(ParseCode.RefitFailed, $"Input {input} of batch normalization {name} is no constant of its graph."))];
        float[][] values = Array.ConvertAll(read, constant => constant.ToFloats());
        if (values.Any(row => row.Length != values[0].Length))
        {
            throw new ImportRefusal(ParseCode.RefitFailed, $"Scale, bias, mean and variance of batch normalization {name} must have as many values as one another.");
        }

        float epsilon = node.Attribute.FirstOrDefault(attribute => attribute.Name == "epsilon")?.F ?? 1e-5f;
        double[] scale = new double[values[0].Length];
        double[] shift = new double[scale.Length];
        for (int i = 0; i < scale.Length; i++)
        {
            scale[i] = values[0][i] / MathF.Sqrt(values[3][i] + epsilon);
            shift[i] = values[1][i] - (values[2][i] * scale[i]);
        }

        if (wantsScale)
        {
            Tell(name + "_scale", ConstantValues.Of(scale, [scale.Length], read[0].Type));
        }

        if (wantsShift)
        {
            Tell(name + "_shift", ConstantValues.Of(shift, [shift.Length], read[0].Type));
        }
    }

    private static ConstantValues Constant(NodeProto node, TensorReader tensors)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value" when attribute.T is { } tensor: return tensors.Read(tensor, node.Output[0]);
                case "value_float": return ConstantValues.Of([attribute.F], []);
                case "value_floats": return ConstantValues.Of([.. attribute.Floats]);
                case "value_int": return ConstantValues.Of([attribute.I], []);
                case "value_ints": return ConstantValues.Of([.. attribute.Ints]);
            }
        }

        throw new ImportRefusal(ParseCode.UnsupportedNode, $"Constant node {node.Output[0]} has no value that a tensor can have.");
    }

    private void Tell(string name, ConstantValues values)
    {
        try
        {
            told.Add(values.Weights);
            refitter.SetNamedWeights(name, values.Weights);
        }
        catch (TensorRtException refused)
        {
            throw new ImportRefusal(ParseCode.RefitFailed, $"Failed to set named weights {name}: {refused.Message}");
        }
    }

    private TensorRtException Fail(string method, ImportRefusal refusal)
    {
        errors.Add(refusal.Error);
        string line = $"{refusal.Error.File}:{refusal.Error.Line} In function {refusal.Error.Func}:\n[{(int)refusal.Error.Code}] {refusal.Error.Desc}";
        logger.Log(Severity.Error, line);
        return new TensorRtException($"{method} failed: {line}");
    }
}

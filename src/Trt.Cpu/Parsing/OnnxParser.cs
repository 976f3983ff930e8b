using System.Globalization;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Fills a network from an ONNX model. The network may be any library's: only the public interface is used.</summary>
internal sealed partial class OnnxParser : CpuObject, IParser
{
    private readonly INetworkDefinition network;
    private readonly ILogger logger;
    private readonly List<ParserError> errors = [];
    private readonly List<(bool Supported, long[] Nodes)> subgraphs = [];
    private readonly Dictionary<string, (nint Data, long Bytes)> given = new(StringComparer.Ordinal);
    private Mask<OnnxParserFlag> flags = new Mask<OnnxParserFlag>().With(OnnxParserFlag.NativeInstancenorm);
    private Dictionary<string, List<ITensor?>> nodeOutputs = [];
    private ModelProto? loaded;
    private string? loadedPath;
    private IBuilderConfig? config;

    public OnnxParser(INetworkDefinition network, ILogger logger)
    {
        this.network = network;
        this.logger = logger;
    }

    public int NbErrors => Alive(errors.Count);

    public Mask<OnnxParserFlag> Flags
    {
        get => Alive(flags);
        set
        {
            ThrowIfDisposed();
            flags = value;
        }
    }

    public long NbSubgraphs => Alive(subgraphs.Count);

    public void Parse(ReadOnlySpan<byte> serializedOnnxModel, string? modelPath = null)
    {
        ThrowIfDisposed();
        const string method = "IParser::parse";
        RequireEmptyNetwork(method);
        ModelProto? model = Read(method, serializedOnnxModel);
        Import(method, model!, modelPath);
    }

    public void ParseFromFile(string onnxModelFile, int verbosity)
    {
        ArgumentNullException.ThrowIfNull(onnxModelFile);
        ThrowIfDisposed();
        const string method = "IParser::parseFromFile";
        if (!File.Exists(onnxModelFile))
        {
            throw Fail(method, new ImportRefusal(ParseCode.InvalidValue, $"Input file cannot be found, or is not a regular file: {onnxModelFile}", func: "parseFromFile").Error, null);
        }

        RequireEmptyNetwork(method);
        ModelProto model;
        try
        {
            model = OnnxReader.ReadFile(onnxModelFile);
        }
        catch (ImportRefusal refusal)
        {
            throw Fail(method, refusal.Error, null);
        }

        Import(method, model, onnxModelFile);
    }

    public void ParseWithWeightDescriptors(ReadOnlySpan<byte> serializedOnnxModel)
    {
        ThrowIfDisposed();
        const string method = "IParser::parseWithWeightDescriptors";
        Import(method, Read(method, serializedOnnxModel), null);
    }

    public bool SupportsOperator(string opName)
    {
        ArgumentNullException.ThrowIfNull(opName);
        return Alive(ImporterTable.Shared).Has(opName);
    }

    public IParserError GetError(int index) => (uint)index < (uint)Alive(errors).Count
        ? errors[index]
        : throw new ArgumentOutOfRangeException(nameof(index), $"There is no error {index}; the parser has {errors.Count}.");

    public void ClearErrors() => Alive(errors).Clear();

    /// <summary>None: the CPU runtime's plugins are objects in the registry, not libraries.</summary>
    public string[] GetUsedVCPluginLibraries() => Alive(Array.Empty<string>());

    public void ClearFlag(OnnxParserFlag onnxParserFlag) => flags = Alive(flags).Without(onnxParserFlag);

    public void SetFlag(OnnxParserFlag onnxParserFlag) => flags = Alive(flags).With(onnxParserFlag);

    public bool GetFlag(OnnxParserFlag onnxParserFlag) => Alive(flags).Contains(onnxParserFlag);

    public ITensor? GetLayerOutputTensor(string name, long i)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Alive(nodeOutputs).TryGetValue(name, out List<ITensor?>? outputs) && i >= 0 && i < outputs.Count ? outputs[(int)i] : null;
    }

    public void LoadModelProto(ReadOnlySpan<byte> serializedOnnxModel, string? modelPath = null)
    {
        ThrowIfDisposed();
        loaded = Read("IParser::loadModelProto", serializedOnnxModel);
        loadedPath = modelPath;
        given.Clear();
    }

    public void LoadInitializer(string name, nint data, nuint size)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfDisposed();
        const string method = "IParser::loadInitializer";
        if (loaded is null || data == 0 || !loaded.Graph.Initializer.Any(tensor => tensor.Name == name))
        {
            throw Fail(method, new ImportRefusal(ParseCode.InvalidValue, loaded is null
                ? $"Initializer {name} cannot be given before loadModelProto."
                : data == 0 ? $"The data of initializer {name} is null." : $"The loaded model has no initializer {name}.").Error, null);
        }

        given[name] = (data, (long)size);
    }

    public void ParseModelProto()
    {
        ThrowIfDisposed();
        const string method = "IParser::parseModelProto";
        ModelProto model = loaded ?? throw Fail(method, new ImportRefusal(ParseCode.InvalidValue, "There is no model to parse: loadModelProto comes first.").Error, null);
        RequireEmptyNetwork(method);
        Import(method, model, loadedPath);
    }

    public void SetBuilderConfig(IBuilderConfig builderConfig)
    {
        ArgumentNullException.ThrowIfNull(builderConfig);
        config = Alive(builderConfig);
    }

    private ModelProto Read(string method, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return OnnxReader.Read(bytes);
        }
        catch (ImportRefusal refusal)
        {
            throw Fail(method, refusal.Error, null);
        }
    }

    private void RequireEmptyNetwork(string method)
    {
        if (network.NbLayers > 0)
        {
            const string text = "Parse was called with a non-empty network definition; make a new network for the model.";
            logger.Log(Severity.Error, text);
            throw new TensorRtException($"{method} failed: {text}");
        }
    }

    /// <summary>Imports the model and throws what was refused, after it was logged.</summary>
    private void Import(string method, ModelProto model, string? path)
    {
        NodeErrors heard = new(network.ErrorRecorder, logger);
        ExternalData external = new(path);
        TensorReader tensors = new(external, text => logger.Log(Severity.Warning, text));
        foreach ((string name, (nint Data, long Bytes) memory) in given)
        {
            tensors.Given[name] = memory;
        }

        ModelImport import = new(network, logger, tensors, ImporterTable.Shared, heard);
        network.ErrorRecorder = heard;
        try
        {
            import.Run(model);
        }
        finally
        {
            network.ErrorRecorder = heard.User;
            external.Close();
        }

        nodeOutputs = import.NodeOutputs;
        if (import.Errors.Count > 0)
        {
            string[] lines = [.. import.Errors.Select(error => Log(error, model))];
            errors.AddRange(import.Errors);
            throw new TensorRtException($"{method} failed: {string.Join(Environment.NewLine, lines)}");
        }
    }

    private TensorRtException Fail(string method, ParserError error, ModelProto? model)
    {
        errors.Add(error);
        return new TensorRtException($"{method} failed: {Log(error, model)}");
    }

    /// <summary>Logs an error as four lines, one for what is outside of nodes, and gives them.</summary>
    private string Log(ParserError error, ModelProto? model)
    {
        List<string> lines = [];
        if (error.Node >= 0)
        {
            string output = model?.Graph.Node is { } nodes && error.Node < nodes.Count ? nodes[error.Node].Output.FirstOrDefault() ?? string.Empty : string.Empty;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"While parsing node number {error.Node} [{error.NodeOperator} -> \"{output}\"]:"));
            lines.Add($"--- Begin node ---\nNode name: {error.NodeName}");
            lines.Add("--- End node ---");
        }

        lines.Add(string.Create(CultureInfo.InvariantCulture, $"ERROR: {error.File}:{error.Line} In function {error.Func}:\n[{(int)error.Code}] {error.Desc}"));
        lines.ForEach(line => logger.Log(Severity.Error, line));
        return string.Join(Environment.NewLine, lines);
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }
}

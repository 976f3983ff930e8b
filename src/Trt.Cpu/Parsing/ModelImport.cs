using System.Globalization;
using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>The import of one model into a network, node after node.</summary>
internal sealed partial class ModelImport
{
    /// <summary>How deep subgraphs and calls of local functions may lie in one another.</summary>
    private const int MostNested = 24;

    private const int MostDomains = 1024;
    private const string DefaultDomain = "";

    private readonly Dictionary<(string Domain, string Name), FunctionProto> functions = [];
    private readonly Stack<LocalFunction> calls = new();
    private readonly HashSet<string> modelOutputs = new(StringComparer.Ordinal);
    private readonly ImporterTable importers;
    private readonly NodeErrors heard;
    private IReadOnlyDictionary<string, long> opsets = new Dictionary<string, long>();
    private int depth;

    public ModelImport(INetworkDefinition network, ILogger logger, TensorReader tensors, ImporterTable importers, NodeErrors heard)
    {
        Network = network;
        Logger = logger;
        Tensors = tensors;
        this.importers = importers;
        this.heard = heard;
    }

    public INetworkDefinition Network { get; }

    public ILogger Logger { get; }

    public TensorReader Tensors { get; }

    public NameTable Names { get; } = new();

    public Scope Scope { get; private set; } = new(null);

    /// <summary>Why the model is refused, in the order in which it was found.</summary>
    public List<ParserError> Errors { get; } = [];

    /// <summary>Output tensors of nodes by the node's name.</summary>
    public Dictionary<string, List<ITensor?>> NodeOutputs { get; } = new(StringComparer.Ordinal);

    /// <summary>The local function that is being imported, or null.</summary>
    public LocalFunction? Call => calls.TryPeek(out LocalFunction? call) ? call : null;

    /// <summary>Whether inputs and results of the nodes lie in a subgraph.</summary>
    public bool IsNested => depth > 0;

    /// <summary>Imports the model; what goes wrong is in <see cref="Errors"/>.</summary>
    public void Run(ModelProto model)
    {
        try
        {
            GraphProto graph = model.Graph ?? new GraphProto();
            ReadOpsets(model);
            foreach (ValueInfoProto output in graph.Output)
            {
                Names.Tensor(output.Name);
                modelOutputs.Add(output.Name);
            }

            foreach (FunctionProto function in model.Functions)
            {
                functions.TryAdd((function.Domain, function.Name), function);
            }

            AddInputs(graph);
            ImportGraph(graph);
            if (Errors.Count == 0)
            {
                MarkOutputs(graph);
            }
        }
        catch (ImportRefusal refusal)
        {
            Errors.Add(refusal.Error);
        }
        catch (MissingAttributeException missing)
        {
            Errors.Add(new ImportRefusal(ParseCode.InternalError, missing.Message, func: "parse").Error);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Errors.Add(new ImportRefusal(ParseCode.InternalError, heard.NbErrors > 0 ? heard.Text(error.Message) : error.Message, func: "parse").Error);
        }
    }

    /// <summary>The version of an operator set.</summary>
    public long Opset(string domain) => opsets.TryGetValue(domain is "ai.onnx" ? DefaultDomain : domain, out long version) ? version : 1;

    /// <summary>Imports the nodes of a subgraph in a scope of its own, and gives what its outputs stand for.</summary>
    /// <param name="graph">The subgraph.</param>
    /// <param name="inputs">What its inputs stand for, in their order.</param>
    public ImportedValue[] ImportSubgraph(GraphProto graph, IReadOnlyList<ImportedValue?> inputs)
    {
        Scope outer = Scope;
        Scope = new Scope(outer);
        Enter();
        try
        {
            for (int i = 0; i < graph.Input.Count && i < inputs.Count; i++)
            {
                Scope.Add(graph.Input[i].Name, inputs[i]);
            }

            ImportGraph(graph);
            return Errors.Count > 0
                ? throw new ImportStopped()
                : [.. graph.Output.Select(output => Find(output.Name) ?? throw new ImportRefusal(ParseCode.InvalidGraph, $"Output {output.Name} of subgraph {graph.Name} is made by no node."))];
        }
        finally
        {
            depth--;
            Scope = outer;
        }
    }

    /// <summary>What a name stands for; null when it is not known or could not be imported.</summary>
    public ImportedValue? Find(string name) => Scope.TryFind(name, out ImportedValue? value) ? value : null;

    /// <summary>The value as a tensor; constants become a layer named like them, one for each.</summary>
    public ITensor TensorOf(ImportedValue value)
    {
        if (value.Tensor is { } tensor)
        {
            return tensor;
        }

        ConstantValues constant = value.Constant!;
        if (constant.Tensor is null)
        {
            IConstantLayer layer = Network.AddConstant(Dims.Create(constant.Dims), constant.Count > 0 ? constant.Weights : Weights.Empty(constant.Weights.Type));
            if (constant.Count > 0)
            {
                if (constant.IsOfModel)
                {
                    Network.SetWeightsName(constant.Weights, constant.Name);
                }

                layer.Name = Names.Layer(constant.Name);
            }

            constant.Tensor = layer.GetOutput(0);
        }

        return constant.Tensor;
    }

    /// <summary>Names of the local functions that are being imported, outermost first.</summary>
    public string[] CallNames() => [.. calls.Reverse().Select(call => call.Function.Name)];

    public void Warn(string text) => Logger.Log(Severity.Warning, text);

    private void ReadOpsets(ModelProto model)
    {
        if (model.OpsetImport.Count > MostDomains)
        {
            throw new ImportRefusal(ParseCode.UnsupportedGraph, $"The model names {model.OpsetImport.Count} operator sets; at most {MostDomains} are read.");
        }

        opsets = Versions(model.OpsetImport);
        if (opsets.TryGetValue(DefaultDomain, out long version) && version < 7)
        {
            Warn($"The model uses ONNX operator set {version}. Those from 7 on are supported; older ones are not guaranteed to work.");
        }
    }

    private static Dictionary<string, long> Versions(IEnumerable<OperatorSetIdProto> imports)
    {
        Dictionary<string, long> versions = new(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
        {
            versions[import.Domain is "ai.onnx" ? DefaultDomain : import.Domain] = import.Version;
        }

        return versions;
    }

    private void AddInputs(GraphProto graph)
    {
        HashSet<string> initializers = [.. graph.Initializer.Select(tensor => tensor.Name)];
        foreach (ValueInfoProto input in graph.Input.Where(input => !initializers.Contains(input.Name)))
        {
            ImportedValue? value = null;
            try
            {
                value = new ImportedValue(AddInput(input));
            }
            catch (ImportRefusal refusal)
            {
                // NVIDIA's parser tells the input's name in place of a source file; programs that divide models rely on it.
                Errors.Add(refusal.Error with { File = input.Name });
            }

            Names.Tensor(input.Name);
            Scope.Add(input.Name, value);
        }
    }

    private ITensor AddInput(ValueInfoProto input)
    {
        const string func = "importInput";
        TypeProto.Types.Tensor? type = input.Type?.TensorType;
        DataType element = OnnxTypes.ToTensorRt(type?.ElemType ?? 0)
            ?? throw new ImportRefusal(ParseCode.UnsupportedNode, $"Failed to convert the ONNX data type {type?.ElemType ?? 0} of input {input.Name} to a TensorRT data type.", func: func);
        IReadOnlyList<TensorShapeProto.Types.Dimension> dims = type?.Shape?.Dim ?? [];
        if (dims.Count > Dims.MaxDims)
        {
            throw new ImportRefusal(ParseCode.UnsupportedGraph, $"Failed to convert the ONNX dimensions of input {input.Name}: it has {dims.Count}, TensorRT's tensors have at most {Dims.MaxDims}.", func: func);
        }

        ITensor tensor;
        try
        {
            tensor = Network.AddInput(input.Name, element, Dims.Create([.. dims.Select(dim => dim.HasDimValue ? Math.Max(dim.DimValue, -1) : -1)]));
        }
        catch (TensorRtException refused)
        {
            throw new ImportRefusal(ParseCode.UnsupportedNode, $"Failed to add input {input.Name} to the network: {refused.Message}", func: func);
        }

        for (int i = 0; i < dims.Count; i++)
        {
            if (dims[i].HasDimParam && dims[i].DimParam.Length > 0)
            {
                tensor.SetDimensionName(i, dims[i].DimParam);
            }
        }

        if (element == DataType.Int64)
        {
            Warn($"Make sure input {input.Name} has Int64 binding.");
        }

        return tensor;
    }

    private void MarkOutputs(GraphProto graph)
    {
        foreach (ValueInfoProto output in graph.Output)
        {
            ImportedValue value = Find(output.Name)
                ?? throw new ImportRefusal(ParseCode.InternalError, $"Output {output.Name} of the graph is made by no node and is no input or initializer.", func: "parse");
            ITensor tensor = TensorOf(value);
            if (tensor.IsNetworkInput || tensor.IsNetworkOutput)
            {
                // A tensor of the network cannot be input and output, or two outputs: a copy takes the name.
                if (tensor.IsNetworkInput && tensor.Name == output.Name)
                {
                    tensor.Name = "__" + output.Name;
                }

                IIdentityLayer identity = Network.AddIdentity(tensor);
                identity.Name = Names.Layer("ONNXTRT_identity");
                tensor = identity.GetOutput(0);
            }

            tensor.Name = output.Name;
            Network.MarkOutput(tensor);
            DataType declared = OnnxTypes.ToTensorRt(output.Type?.TensorType?.ElemType ?? 0)
                ?? throw new ImportRefusal(ParseCode.UnsupportedNode, $"Failed to convert the ONNX data type {output.Type?.TensorType?.ElemType ?? 0} of output {output.Name} to a TensorRT data type.");
            if (!Network.GetFlag(NetworkDefinitionCreationFlag.StronglyTyped) && tensor.Type != declared)
            {
                tensor.Type = declared;
            }

            if (declared == DataType.Int64)
            {
                Warn($"Make sure output {output.Name} has Int64 binding.");
            }
        }
    }

    private void Enter()
    {
        if (++depth > MostNested)
        {
            throw new ImportRefusal(ParseCode.UnsupportedGraph, string.Create(CultureInfo.InvariantCulture,
                $"Subgraphs and local functions lie in one another more than {MostNested} deep; a function that calls itself cannot be imported."));
        }
    }
}

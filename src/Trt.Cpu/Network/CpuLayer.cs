using Trt.Interop;

namespace Trt.Cpu;

/// <summary>What all layers of a network have: name, inputs, outputs, and the three things each kind defines: types, shapes, lowering.</summary>
internal abstract class CpuLayer : ILayer
{
    private readonly List<CpuTensor?> inputs = [];
    private readonly CpuTensor[] outputs;
    private readonly DataType?[] outputTypes;
    private readonly int outputCount;
    private string name = string.Empty;
    private string metadata = string.Empty;
    private DataType? precision;

    /// <summary>A layer that is not yet in its network.</summary>
    /// <param name="network">Where it will be.</param>
    /// <param name="outputCount">How many tensors it makes.</param>
    /// <param name="inputs">What it reads; null for an optional input that is not there.</param>
    protected CpuLayer(CpuNetwork network, int outputCount, params ReadOnlySpan<CpuTensor?> inputs)
    {
        Network = network;
        this.outputCount = outputCount;
        this.inputs.AddRange(inputs);
        outputs = new CpuTensor[outputCount];
        outputTypes = new DataType?[outputCount];
    }

    internal CpuNetwork Network { get; }

    public abstract LayerType Type { get; }

    /// <summary>Place in the network, from 0.</summary>
    public int Index { get; private set; } = -1;

    public LayerState State { get; set; }

    /// <summary>Why it has no shapes.</summary>
    public Refusal? Failure { get; set; }

    /// <summary>Why a build refuses it, although it has shapes.</summary>
    public Refusal? Objection { get; set; }

    /// <summary>What its outputs demand of a run.</summary>
    public IReadOnlyList<ShapeRule> Rules { get; set; } = [];

    /// <summary>What it demands of a run that <see cref="Validate"/> found in the last build.</summary>
    public IReadOnlyList<ShapeRule> LateRules { get; set; } = [];

    /// <summary>All that it demands of a run.</summary>
    public IEnumerable<ShapeRule> AllRules => Rules.Concat(LateRules);

    /// <summary>Name in messages.</summary>
    public string Label => name;

    public IReadOnlyList<CpuTensor?> Inputs => inputs;

    public IReadOnlyList<CpuTensor> Outputs => outputs;

    /// <summary>The tensors that shapes of outputs follow from.</summary>
    public virtual IReadOnlyList<CpuTensor?> InferredFrom => inputs;

    /// <summary>Layers that it decides about in another way than by outputs that they read.</summary>
    public virtual IEnumerable<CpuLayer> Dependents => [];

    public string Name
    {
        get => Get(name);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.ThrowIfDisposed();
            if (Network.Journal.IsTooLong("ILayer::setName", value) || !Network.TryRename(this, name, value))
            {
                return;
            }

            name = value;
            foreach (CpuTensor output in outputs)
            {
                output.FollowLayer(OutputName(output.OutputIndex));
            }
        }
    }

    public int NbInputs => Get(inputs.Count);

    public int NbOutputs => Get(outputs.Length);

    public string Metadata
    {
        get => Get(metadata);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Network.ThrowIfDisposed();
            if (!Network.Journal.IsTooLong("ILayer::setMetadata", value))
            {
                metadata = value;
            }
        }
    }

    public DataType Precision
    {
        get => Get(precision ?? DataType.Float);
        set => Set(ref precision, value, Types.IsDefined(value) && !Network.IsStronglyTyped, "setPrecision",
            Network.IsStronglyTyped ? "the network is not strongly typed" : "dataType is an enumerator of DataType");
    }

    public int NbRanks
    {
        get => Get(1);
        set
        {
            Network.ThrowIfDisposed();
            if (value != 1)
            {
                throw Network.Journal.Failure("ILayer::setNbRanks", Refusal.Argument($"{Label} runs on one rank; only collectives take more."));
            }
        }
    }

    /// <summary>What stands in brackets in default names.</summary>
    protected abstract string Tag { get; }

    /// <summary>C++ name of the interface, for messages of setters.</summary>
    protected abstract string Interface { get; }

    /// <summary>How many inputs <see cref="SetInput"/> may reach, where the layer's own interface has that method; otherwise those that it was made with.</summary>
    protected virtual int? InputLimit => null;

    public ITensor? GetInput(int index)
    {
        Network.ThrowIfDisposed();
        return InputAt(index);
    }

    public ITensor GetOutput(int index)
    {
        Network.ThrowIfDisposed();
        return (uint)index < (uint)outputs.Length
            ? outputs[index]
            : throw Network.Journal.Failure("ILayer::getOutput", Refusal.Argument($"Parameter check failed, condition: (0) <= (index) && (index) < (getNbOutputs()). Output {index} does not exist; valid are [0, {outputs.Length})."));
    }

    public virtual void SetInput(int index, ITensor tensor)
    {
        Network.ThrowIfDisposed();
        CpuTensor own = Network.Own(tensor);
        int limit = InputLimit ?? inputs.Count;
        if (index < 0 || index >= limit)
        {
            Network.Journal.Refused($"{(InputLimit is null ? "ILayer" : Interface)}::setInput", Refusal.Argument(
                $"Parameter check failed, condition: (0) <= (index) && (index) < ({(InputLimit is null ? "getNbInputs()" : limit)}). Input {index} does not exist; valid are [0, {limit})."));
            return;
        }

        PutInput(index, own);
    }

    /// <summary>Sets or clears an input, also one that only a setter of the layer's own reaches.</summary>
    protected void PutInput(int index, CpuTensor? tensor)
    {
        while (inputs.Count <= index)
        {
            inputs.Add(null);
        }

        if (tensor?.Producer is { } producer && producer.Index >= Index)
        {
            Network.MayHaveCycle();
        }

        inputs[index]?.Consumers.Remove(this);
        inputs[index] = tensor;
        tensor?.Consumers.Add(this);
        Changed();
    }

    public bool PrecisionIsSet() => Get(precision is not null);

    public void ResetPrecision()
    {
        Network.ThrowIfDisposed();
        precision = null;
    }

    public void SetOutputType(int index, DataType dataType)
    {
        Network.ThrowIfDisposed();
        if ((uint)index >= (uint)outputs.Length || !Types.IsKnown(dataType))
        {
            Network.Journal.BadParameter("ILayer::setOutputType", $"index is below {outputs.Length} and dataType is one that the CPU runtime computes with. It is {Types.Name(dataType)}");
        }
        else if (Network.IsStronglyTyped)
        {
            Network.Journal.Refused("ILayer::setOutputType", Refusal.Argument($"{Label}: types of a strongly typed network follow from its inputs and cannot be set."));
        }
        else
        {
            outputTypes[index] = dataType;
            Changed();
        }
    }

    public DataType GetOutputType(int index)
    {
        const string method = "ILayer::getOutputType";
        Network.ThrowIfDisposed();
        if ((uint)index < (uint)outputs.Length)
        {
            return Network.TypeOf(outputs[index], method);
        }

        Network.Journal.BadParameter(method, $"(0) <= (index) && (index) < (getNbOutputs()). The index is {index}, {Label} has {outputs.Length} outputs");
        return DataType.Float;
    }

    public bool OutputTypeIsSet(int index) => Get((uint)index < (uint)outputs.Length && outputTypes[index] is not null);

    public void ResetOutputType(int index)
    {
        Network.ThrowIfDisposed();
        if ((uint)index < (uint)outputs.Length)
        {
            outputTypes[index] = null;
            Changed();
        }
    }

    /// <summary>The name of an output that nobody named.</summary>
    protected virtual string OutputName(int index) => index == 0 ? $"{name}_output" : $"{name}_output ({index})";

    /// <summary>Takes its place in the network; from here it has a name and outputs.</summary>
    /// <param name="index">Place in the network.</param>
    /// <param name="number">Number in its default name, which is greater where other objects were numbered too.</param>
    public void Join(int index, int number)
    {
        Index = index;
        name = $"(Unnamed Layer* {number}) [{Tag}]";
        for (int i = 0; i < outputCount; i++)
        {
            outputs[i] = new CpuTensor(Network, this, i, OutputName(i));
        }

        foreach (CpuTensor? input in inputs)
        {
            input?.Consumers.Add(this);
        }
    }

    public CpuTensor? InputAt(int index) => (uint)index < (uint)inputs.Count ? inputs[index] : null;

    public CpuTensor OutputAt(int index) => outputs[index];

    public CpuTensor RequiredInput(int index) => InputAt(index)
        ?? throw new Refusal(ErrorCode.InvalidConfig, Refusal.ApiUsage, $"{Label}: input {index} is not set.");

    /// <summary>The type of an output after what the user set.</summary>
    public DataType ResolveType(int output) => outputTypes[output] ?? OutputType(output);

    /// <summary>Shapes, and values where they are known, of all outputs.</summary>
    /// <exception cref="Refusal">The layer is wrong as it stands.</exception>
    public abstract void Infer(Inference context);

    /// <summary>Checks what only a build checks, when all layers have shapes.</summary>
    /// <exception cref="Refusal">The layer is wrong as it stands.</exception>
    public virtual void Validate(Inference context)
    {
    }

    /// <summary>Writes the layer as nodes of an ONNX graph.</summary>
    /// <exception cref="Refusal">It cannot be run on a CPU as it stands.</exception>
    public abstract void Lower(Lowering graph);

    /// <summary>The weights that it holds, with what it uses them for; a refit can exchange those whose role is not null.</summary>
    public virtual IEnumerable<(WeightsRole? Role, Weights Weights)> OwnWeights() => [];

    /// <summary>Whether the values of an input, not only its shape, decide the shapes of outputs.</summary>
    public virtual bool ReadsValues(int input) => false;

    /// <summary>Whether only the shape of an input matters, not what is in it.</summary>
    public virtual bool ReadsShapeOnly(int input) => false;

    /// <summary>The type of an output that follows from the inputs.</summary>
    protected virtual DataType OutputType(int output) => Propagated(0);

    /// <summary>An input's type; weakly typed networks tell 16-bit results as 32-bit ones.</summary>
    protected DataType Propagated(int input)
    {
        DataType type = InputAt(input)?.InferredType ?? DataType.Float;
        return !Network.IsStronglyTyped && Types.IsSixteenBit(type) ? DataType.Float : type;
    }

    protected T Get<T>(T value)
    {
        Network.ThrowIfDisposed();
        return value;
    }

    /// <summary>Sets a parameter, or logs why not and keeps the old one.</summary>
    protected void Set<T>(ref T field, T value, bool valid, string setter, string condition)
    {
        Network.ThrowIfDisposed();
        if (valid)
        {
            field = value;
            Changed();
        }
        else
        {
            Network.Journal.BadParameter($"{Interface}::{setter}", condition);
        }
    }

    /// <summary>As the other one, for a parameter that may be unset.</summary>
    protected void Set<T>(ref T? field, T value, bool valid, string setter, string condition)
        where T : struct
    {
        T? next = value;
        Set<T?>(ref field, next, valid, setter, condition);
    }

    /// <summary>Sets a parameter that takes the place of an input.</summary>
    protected void Replace<T>(ref T field, T value, int input)
    {
        Network.ThrowIfDisposed();
        field = value;
        if (InputAt(input) is { } tensor)
        {
            tensor.Consumers.Remove(this);
            inputs[input] = null;
        }

        Changed();
    }

    protected void Changed() => Network.Invalidate(this);
}

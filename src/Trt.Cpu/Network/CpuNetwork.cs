using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A network under construction: its inputs, layers and outputs. What each layer is stands in Layers/.</summary>
internal sealed partial class CpuNetwork : CpuObject, INetworkDefinition
{
    private readonly List<CpuTensor> inputs = [];
    private readonly List<CpuTensor> outputs = [];
    private readonly List<CpuTensor> shapeOutputs = [];
    private readonly List<CpuLayer> layers = [];
    private readonly List<CpuLoop> loops = [];
    private readonly List<CpuConditional> conditionals = [];
    private readonly Dictionary<string, CpuTensor> names = new(StringComparer.Ordinal);
    private readonly Mask<NetworkDefinitionCreationFlag> flags;
    private readonly CpuBuilder builder;
    private string name = "Unnamed Network 0";
    private int otherNumbers;

    public CpuNetwork(CpuBuilder builder, Mask<NetworkDefinitionCreationFlag> flags, int number)
    {
        this.builder = builder;
        this.flags = flags.With(NetworkDefinitionCreationFlag.ExplicitBatch);
        Journal = builder.Journal.Child();
        name = $"Unnamed Network {number}";
        IsStronglyTyped = flags.Contains(NetworkDefinitionCreationFlag.StronglyTyped);
    }

    public Journal Journal { get; }

    public bool IsStronglyTyped { get; }

    public IReadOnlyList<CpuTensor> InputTensors => inputs;

    public IReadOnlyList<CpuTensor> OutputTensors => outputs;

    public IReadOnlyList<CpuTensor> ShapeOutputTensors => shapeOutputs;

    public IReadOnlyList<CpuLayer> LayerList => layers;

    public IReadOnlyList<CpuLoop> Loops => loops;

    public IReadOnlyList<CpuConditional> Conditionals => conditionals;

    public int NbLayers => Alive(layers.Count);

    public int NbInputs => Alive(inputs.Count);

    public int NbOutputs => Alive(outputs.Count + shapeOutputs.Count(tensor => !outputs.Contains(tensor)));

    public string Name
    {
        get => Alive(name);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ThrowIfDisposed();
            name = value;
        }
    }

    public Mask<NetworkDefinitionCreationFlag> Flags => Alive(flags);

    public IErrorRecorder? ErrorRecorder
    {
        get => Alive(Journal).Recorder;
        set => Alive(Journal).Recorder = value;
    }

    public IBuilder Builder => Alive(builder);

    public ITensor AddInput(string name, DataType type, Dims dimensions)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfDisposed();
        const string method = "INetworkDefinition::addInput";
        if (!Extents.AreValid(dimensions))
        {
            throw Journal.Failure(method, Refusal.Argument($"Parameter check failed, condition: isValidDims(dimensions). Input {name} has dimensions {Extents.Text(dimensions)}; each must be -1 or more."));
        }

        if (!Types.IsKnown(type))
        {
            throw Journal.Failure(method, Refusal.Argument($"Input {name} cannot have type {Types.Name(type)}, which the CPU runtime does not compute with."));
        }

        if (names.ContainsKey(name))
        {
            throw Journal.Failure(method, Refusal.Argument($"Input {name} cannot be added: another tensor has that name."));
        }

        CpuTensor tensor = new(this, name, type, dimensions);
        names[name] = tensor;
        inputs.Add(tensor);
        Invalidate(tensor);
        return tensor;
    }

    public void MarkOutput(ITensor tensor)
    {
        CpuTensor own = Own(tensor);
        const string method = "INetworkDefinition::markOutput";
        if (inputs.Contains(own))
        {
            Journal.Refused(method, Refusal.Api($"Tensor {own.Name} is an input of the network and cannot be an output too."));
        }
        else if (outputs.Contains(own))
        {
            Journal.Refused(method, Refusal.Api($"Tensor {own.Name} is an output of the network already."));
        }
        else
        {
            outputs.Add(own);
        }
    }

    public void UnmarkOutput(ITensor tensor) => outputs.Remove(Own(tensor));

    public void MarkOutputForShapes(ITensor tensor)
    {
        CpuTensor own = Own(tensor);
        if (inputs.Contains(own) || TypeOf(own, "ITensor::getType") is not (DataType.Int32 or DataType.Int64))
        {
            throw Journal.Failure("INetworkDefinition::markOutputForShapes", Refusal.Argument(
                $"Tensor {own.Name} cannot be an output for shapes: it must have type Int32 or Int64 and must not be an input."));
        }

        if (!shapeOutputs.Contains(own))
        {
            shapeOutputs.Add(own);
        }
    }

    public void UnmarkOutputForShapes(ITensor tensor)
    {
        CpuTensor own = Own(tensor);
        if (!shapeOutputs.Remove(own))
        {
            throw Journal.Failure("INetworkDefinition::unmarkOutputForShapes", Refusal.Argument($"Tensor {own.Name} is not marked as an output for shapes."));
        }
    }

    public ILayer GetLayer(int index) => Item(layers, index, "getLayer");

    public ITensor GetInput(int index) => Item(inputs, index, "getInput");

    public ITensor GetOutput(int index) => Item([.. outputs, .. shapeOutputs.Where(tensor => !outputs.Contains(tensor))], index, "getOutput");

    public void RemoveTensor(ITensor tensor)
    {
        CpuTensor own = Own(tensor);
        names.Remove(own.Name);
        outputs.Remove(own);
        shapeOutputs.Remove(own);
        if (inputs.Remove(own))
        {
            foreach (CpuTensor input in inputs)
            {
                Invalidate(input);
            }
        }
    }

    public bool HasImplicitBatchDimension() => Alive(false);

    public bool GetFlag(NetworkDefinitionCreationFlag networkDefinitionCreationFlag) => Alive(flags).Contains(networkDefinitionCreationFlag);

    public CpuTensor? FindTensor(string tensorName) => names.GetValueOrDefault(tensorName);

    public bool IsInput(CpuTensor tensor) => Alive(inputs).Contains(tensor);

    public bool IsOutput(CpuTensor tensor) => Alive(outputs).Contains(tensor) || shapeOutputs.Contains(tensor);

    public int InputIndex(CpuTensor tensor) => inputs.IndexOf(tensor);

    public void Renamed(CpuTensor tensor, string before, string after)
    {
        if (names.GetValueOrDefault(before) == tensor)
        {
            names.Remove(before);
        }

        if (after.Length > 0)
        {
            names[after] = tensor;
        }
    }

    /// <summary>The tensor as one of this network's.</summary>
    /// <exception cref="ArgumentException">It is another network's, or another library's.</exception>
    public CpuTensor Own(ITensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ThrowIfDisposed();
        return tensor is CpuTensor own
            ? own.Network == this ? own : throw Foreign(own)
            : throw new ArgumentException("The tensor belongs to another library; use the tensors that this network gave.", nameof(tensor));
    }

    private ArgumentException Foreign(CpuTensor tensor)
    {
        string text = $"Tensor {tensor} belongs to another network.";
        Journal.Refused("INetworkDefinition", Refusal.Argument(text));
        return new ArgumentException(text, nameof(tensor));
    }

    /// <summary>Puts a new layer at the end.</summary>
    public T Add<T>(T layer)
        where T : CpuLayer
    {
        layer.Join(layers.Count, layers.Count + otherNumbers);
        layers.Add(layer);
        foreach (CpuTensor output in layer.Outputs)
        {
            names.TryAdd(output.Name, output);
        }

        Invalidate(layer);
        return layer;
    }

    /// <summary>A number for something that counts with the layers but is none, as an attention.</summary>
    public int TakeNumber() => layers.Count + otherNumbers++;

    /// <summary>Logs why a layer cannot be added, as an exception.</summary>
    public TensorRtException RefuseAdd(string method, string condition) =>
        Journal.Failure($"INetworkDefinition::{method}", Refusal.Argument($"Parameter check failed, condition: {condition}."));

    protected override void Release()
    {
        ReleasePlugins();
        Journal.Recorder = null;
    }

    private T Alive<T>(T value)
    {
        ThrowIfDisposed();
        return value;
    }

    private T Item<T>(List<T> items, int index, string method)
    {
        ThrowIfDisposed();
        return (uint)index < (uint)items.Count
            ? items[index]
            : throw Journal.Failure($"INetworkDefinition::{method}", Refusal.Argument($"Parameter check failed, condition: index < {items.Count}. The index is {index}."));
    }
}

using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A network under construction: its inputs, layers and outputs. What each layer is stands in Layers/.</summary>
internal sealed partial class CpuNetwork : CpuObject, INetworkDefinition
{
    private readonly List<CpuTensor> inputs = [];
    private readonly List<CpuTensor> marked = [];
    private readonly HashSet<CpuTensor> outputs = [];
    private readonly HashSet<CpuTensor> shapeOutputs = [];
    private readonly List<CpuLayer> layers = [];
    private readonly List<CpuLoop> loops = [];
    private readonly List<CpuConditional> conditionals = [];
    private readonly Dictionary<string, CpuTensor> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CpuLayer> layerNames = new(StringComparer.Ordinal);
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

    /// <summary>Where a build tells its errors.</summary>
    public Journal BuilderJournal => builder.Journal;

    public bool IsStronglyTyped { get; }

    public IReadOnlyList<CpuTensor> InputTensors => inputs;

    /// <summary>All outputs, in the order in which they were marked.</summary>
    public IReadOnlyList<CpuTensor> OutputTensors => marked;

    /// <summary>Those of them whose values are wanted as shapes.</summary>
    public IReadOnlySet<CpuTensor> ShapeOutputTensors => shapeOutputs;

    public IReadOnlyList<CpuLayer> LayerList => layers;

    public IReadOnlyList<CpuLoop> Loops => loops;

    public IReadOnlyList<CpuConditional> Conditionals => conditionals;

    public int NbLayers => Alive(layers.Count);

    public int NbInputs => Alive(inputs.Count);

    public int NbOutputs => Alive(marked.Count);

    public string Name
    {
        get => Alive(name);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ThrowIfDisposed();
            if (!Journal.IsTooLong("INetworkDefinition::setName", value))
            {
                name = value;
            }
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
        Journal.ThrowIfTooLong(method, name);
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
        if (Mark(Own(tensor), outputs) is { } refusal)
        {
            Journal.Refused("INetworkDefinition::markOutput", refusal);
        }
    }

    public void UnmarkOutput(ITensor tensor)
    {
        if (Unmark(Own(tensor), outputs) is { } refusal)
        {
            Journal.Refused("INetworkDefinition::unmarkOutput", refusal);
        }
    }

    public void MarkOutputForShapes(ITensor tensor)
    {
        if (Mark(Own(tensor), shapeOutputs) is { } refusal)
        {
            throw Journal.Failure("INetworkDefinition::markOutputForShapes", refusal);
        }
    }

    public void UnmarkOutputForShapes(ITensor tensor)
    {
        if (Unmark(Own(tensor), shapeOutputs) is { } refusal)
        {
            throw Journal.Failure("INetworkDefinition::unmarkOutputForShapes", refusal);
        }
    }

    public ILayer GetLayer(int index) => Item(layers, index, "getLayer");

    public ITensor GetInput(int index) => Item(inputs, index, "getInput");

    public ITensor GetOutput(int index) => Item(marked, index, "getOutput");

    public void RemoveTensor(ITensor tensor)
    {
        CpuTensor own = Own(tensor);
        if ((own.Producer ?? own.Consumers.FirstOrDefault()) is { } user)
        {
            Journal.Refused("INetworkDefinition::removeTensor", Refusal.Api($"Tensor {own} cannot be removed: layer {user.Label} refers to it."));
        }
        else if (inputs.Remove(own))
        {
            names.Remove(own.Name);
            InvalidateInputs();
        }
    }

    public bool HasImplicitBatchDimension() => Alive(false);

    public bool GetFlag(NetworkDefinitionCreationFlag networkDefinitionCreationFlag) => Alive(flags).Contains(networkDefinitionCreationFlag);

    public CpuTensor? FindTensor(string tensorName) => names.GetValueOrDefault(tensorName);

    public bool IsInput(CpuTensor tensor) => Alive(inputs).Contains(tensor);

    public bool IsOutput(CpuTensor tensor) => Alive(marked).Contains(tensor);

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

    /// <summary>Gives a layer another name, unless another layer has it.</summary>
    public bool TryRename(CpuLayer layer, string before, string after)
    {
        if (layerNames.TryGetValue(after, out CpuLayer? other) && other != layer)
        {
            Journal.Refused("ILayer::setName", Refusal.Argument($"The layer {before} cannot be renamed to {after}: another layer has that name."));
            return false;
        }

        if (layerNames.GetValueOrDefault(before) == layer)
        {
            layerNames.Remove(before);
        }

        layerNames[after] = layer;
        return true;
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
        layerNames.TryAdd(layer.Label, layer);
        foreach (CpuTensor output in layer.Outputs)
        {
            names.TryAdd(output.Name, output);
        }

        Invalidate(layer);
        return layer;
    }

    /// <summary>The number in the default name of the next layer.</summary>
    public int NextNumber => layers.Count + otherNumbers;

    /// <summary>A number for something that counts with the layers but is none, as an attention.</summary>
    public int TakeNumber() => layers.Count + otherNumbers++;

    /// <summary>Logs why a layer cannot be added, as an exception.</summary>
    public TensorRtException RefuseAdd(string method, string condition) =>
        Journal.Failure($"INetworkDefinition::{method}", Refusal.Argument($"Parameter check failed, condition: {condition}."));

    private Refusal? Mark(CpuTensor tensor, HashSet<CpuTensor> kind)
    {
        if (inputs.Contains(tensor))
        {
            return Refusal.Api($"Tensor {tensor} is an input of the network and cannot be an output too.");
        }

        if (!kind.Add(tensor))
        {
            return Refusal.Api($"Tensor {tensor} is an output of the network already.");
        }

        if (!marked.Contains(tensor))
        {
            marked.Add(tensor);
        }

        return null;
    }

    private Refusal? Unmark(CpuTensor tensor, HashSet<CpuTensor> kind)
    {
        if (!kind.Remove(tensor))
        {
            return Refusal.Argument($"Tensor {tensor} is not marked as such an output of the network.");
        }

        if (!outputs.Contains(tensor) && !shapeOutputs.Contains(tensor))
        {
            marked.Remove(tensor);
        }

        return null;
    }

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

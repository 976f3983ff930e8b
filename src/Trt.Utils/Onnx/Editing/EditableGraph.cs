using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// One graph of an <see cref="EditableModel"/>. Values are known by name; a graph sees the values of the graphs around it. What a method changes is known at once to all
/// others; <see cref="EditableModel.Commit"/> writes it into the serialized form.
/// </summary>
internal sealed class EditableGraph
{
    private readonly Dictionary<string, NodeProto> producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> initializers = new(StringComparer.Ordinal);
    private readonly HashSet<string> sparse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueInfoProto> inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorType> types = new(StringComparer.Ordinal);
    private readonly UseTable uses = new();
    private readonly Dictionary<NodeProto, List<EditableGraph>> bodies = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<NodeProto> alive = new(ReferenceEqualityComparer.Instance);
    private readonly List<NodeProto> nodes = [];
    private bool added;

    public EditableGraph(EditableModel model, EditableGraph? outer, GraphProto proto)
    {
        Model = model;
        Outer = outer;
        Proto = proto;
        foreach (ValueInfoProto input in proto.Input)
        {
            inputs[input.Name] = input;
            Learn(input);
        }

        foreach (TensorProto tensor in proto.Initializer)
        {
            initializers[tensor.Name] = tensor;
            types[tensor.Name] = TensorType.Of(tensor);
        }

        sparse.UnionWith(proto.SparseInitializer.Select(tensor => tensor.Values?.Name ?? string.Empty));
        foreach (ValueInfoProto value in proto.ValueInfo.Concat(proto.Output))
        {
            Learn(value);
        }

        outputs.UnionWith(proto.Output.Select(output => output.Name));
        foreach (NodeProto node in proto.Node)
        {
            Register(node);
        }
    }

    public EditableModel Model { get; }

    /// <summary>The graph around this one; null for the main graph.</summary>
    public EditableGraph? Outer { get; }

    public GraphProto Proto { get; }

    /// <summary>Nodes that are still there, in the order of the model, new ones last. Nodes may be removed meanwhile.</summary>
    public IEnumerable<NodeProto> Nodes
    {
        get
        {
            for (int i = 0; i < nodes.Count; i++)
            {
                if (alive.Contains(nodes[i]))
                {
                    yield return nodes[i];
                }
            }
        }
    }

    /// <summary>Initializers that are still there.</summary>
    public IReadOnlyCollection<TensorProto> Initializers => initializers.Values;

    /// <summary>This graph and all graphs in it.</summary>
    public IEnumerable<EditableGraph> WithInner() => Nodes.Where(bodies.ContainsKey).SelectMany(Bodies).SelectMany(inner => inner.WithInner()).Prepend(this);

    public bool IsAlive(NodeProto node) => alive.Contains(node);

    public IReadOnlyList<EditableGraph> Bodies(NodeProto node) => bodies.TryGetValue(node, out List<EditableGraph>? inner) ? inner : [];

    /// <summary>Whether a name is a value of this very graph.</summary>
    public bool Defines(string name) => producers.ContainsKey(name) || initializers.ContainsKey(name) || inputs.ContainsKey(name) || sparse.Contains(name);

    /// <summary>The graph that a name means a value of, seen from here; null for none.</summary>
    public EditableGraph? DefinerOf(string name)
    {
        EditableGraph? graph = this;
        while (graph is not null && !graph.Defines(name))
        {
            graph = graph.Outer;
        }

        return graph;
    }

    /// <summary>The node of this graph that makes a value.</summary>
    public NodeProto? Producer(string? name) => name is not null ? producers.GetValueOrDefault(name) : null;

    /// <summary>The node of this graph with an operator of ONNX that makes a value, or null.</summary>
    public NodeProto? Producer(string? name, string op) => Producer(name) is { } node && node.Is(op) ? node : null;

    public bool IsOutput(string name) => outputs.Contains(name);

    public bool IsInput(string name) => inputs.ContainsKey(name);

    /// <summary>All places where a value of this graph is read, here and in graphs inside.</summary>
    public IReadOnlyList<ValueUse> Uses(string name) => uses.Of(name);

    /// <summary>Whether a value of this graph is read in exactly one place, and nowhere else wanted.</summary>
    public bool HasOneUse(string name) => !IsOutput(name) && Uses(name).Count == 1;

    public bool IsUsed(string name) => IsOutput(name) || Uses(name).Count > 0;

    /// <summary>What is known of a value's type, as seen from here.</summary>
    public TensorType? TypeOf(string? name) => name is not null && DefinerOf(name) is { } graph && graph.types.TryGetValue(name, out TensorType type) ? type : null;

    public int? RankOf(string? name) => TypeOf(name) is { Dims.IsDefault: false } type ? type.Dims.Length : null;

    /// <summary>Adds what is known of a value of this graph.</summary>
    public void Learn(string name, TensorType type) => types[name] = TensorType.Merge(type, types.TryGetValue(name, out TensorType known) ? known : null)!.Value;

    /// <summary>The tensor that a value always is: an initializer that nobody can set from outside, or a Constant's.</summary>
    public TensorProto? ConstantOf(string? name)
    {
        if (name is null || DefinerOf(name) is not { } graph)
        {
            return null;
        }

        if (graph.initializers.TryGetValue(name, out TensorProto? tensor))
        {
            return graph.inputs.ContainsKey(name) ? null : tensor;
        }

        return graph.Producer(name, "Constant")?.Attribute("value")?.T;
    }

    /// <summary>Adds a constant.</summary>
    /// <returns>Its name.</returns>
    public string AddInitializer(string hint, OnnxTensor tensor) => AddInitializer(TensorContents.Write(Model.NewName(hint), tensor));

    /// <summary>Adds a constant under its own name, which nothing in this graph may have.</summary>
    public string AddInitializer(TensorProto tensor)
    {
        initializers.Add(tensor.Name, tensor);
        types[tensor.Name] = TensorType.Of(tensor);
        return tensor.Name;
    }

    public void RemoveInitializer(TensorProto tensor)
    {
        initializers.Remove(tensor.Name);
        inputs.Remove(tensor.Name);
    }

    public IEnumerable<string> SparseInitializers => sparse;

    public void RemoveSparse(string name) => sparse.Remove(name);

    /// <summary>Adds a node, whose place among the others follows from what it reads.</summary>
    public void Add(NodeProto node)
    {
        Register(node);
        added = true;
        FindUses(node);
    }

    /// <summary>Takes a node away. Whoever reads its outputs must have been given others before.</summary>
    public void Remove(NodeProto node)
    {
        alive.Remove(node);
        ForgetUses(node);
        foreach (string output in node.Output)
        {
            if (producers.TryGetValue(output, out NodeProto? producer) && ReferenceEquals(producer, node))
            {
                producers.Remove(output);
            }
        }
    }

    /// <summary>Takes a node away when nobody reads its outputs.</summary>
    public void RemoveIfUnused(NodeProto node)
    {
        if (!node.Output.Any(IsUsed))
        {
            Remove(node);
        }
    }

    /// <summary>Gives a node another input, or one more.</summary>
    public void SetInput(NodeProto node, int index, string name)
    {
        while (node.Input.Count <= index)
        {
            node.Input.Add(string.Empty);
        }

        Forget(node.Input[index], new ValueUse(this, node, index));
        node.Input[index] = name;
        Note(name, new ValueUse(this, node, index));
    }

    /// <summary>Gives a node other inputs.</summary>
    public void SetInputs(NodeProto node, IEnumerable<string> names)
    {
        string[] wanted = [.. names];
        for (int i = 0; i < node.Input.Count; i++)
        {
            Forget(node.Input[i], new ValueUse(this, node, i));
        }

        node.Input.Clear();
        node.Input.Add(wanted);
        for (int i = 0; i < wanted.Length; i++)
        {
            Note(wanted[i], new ValueUse(this, node, i));
        }
    }

    /// <summary>Replaces a node by one that makes the same outputs.</summary>
    public void Replace(NodeProto node, NodeProto by)
    {
        Remove(node);
        Add(by);
    }

    /// <summary>
    /// Leaves out a node that hands on a value as it is: its readers read that value itself. An output of the graph keeps its name: then the value is renamed, which
    /// can be done when a node of this graph makes it and it is no output itself.
    /// </summary>
    /// <returns>Whether it could be done.</returns>
    public bool TryBypass(NodeProto node, string value, string output)
    {
        if (node.Output.Any(other => other.Length > 0 && other != output && IsUsed(other)))
        {
            return false;
        }

        if (IsOutput(output))
        {
            if (Producer(value) is not { } producer || IsOutput(value) || ReferenceEquals(producer, node) || !CanBeReadAs(value, output))
            {
                return false;
            }

            Share(value, output);
            Remove(node);
            producer.Output[producer.Output.IndexOf(value)] = output;
            producers.Remove(value);
            producers[output] = producer;
            MoveUses(value, output);
            return true;
        }

        if (!CanBeReadAs(output, value))
        {
            return false;
        }

        Share(output, value);
        Remove(node);
        MoveUses(output, value);
        return true;
    }

    /// <summary>Lets all readers of one value of this graph read another one, which they can see; false where a graph inside has a value of that name.</summary>
    public bool TryReplaceUses(string name, string by)
    {
        if (!CanBeReadAs(name, by))
        {
            return false;
        }

        MoveUses(name, by);
        return true;
    }

    /// <summary>Lets the outputs of one node be made by another: the same names, another producer. The first node is removed.</summary>
    public void HandOver(NodeProto from, NodeProto to, int toOutput, string output)
    {
        Remove(from);
        string before = to.Output[toOutput];
        if (before.Length > 0)
        {
            producers.Remove(before);
        }

        to.Output[toOutput] = output;
        producers[output] = to;
        added = true; // it may now stand before what reads it, or behind
    }

    /// <summary>Finds who reads what, here and inside; once all graphs know their values.</summary>
    /// <exception cref="OnnxFormatException">Nodes need one another in a circle.</exception>
    public void FindUses()
    {
        foreach (NodeProto node in nodes)
        {
            FindUses(node);
        }

        if (!NodeSort.IsSorted(this, nodes))
        {
            NodeProto[] sorted = NodeSort.Sort(this, nodes);
            nodes.Clear();
            nodes.AddRange(sorted);
            added = true;
        }
    }

    /// <summary>Writes the graph back: nodes in an order in which each comes after what it reads, and no types of values that are gone.</summary>
    public void Commit()
    {
        foreach (EditableGraph inner in Nodes.Where(bodies.ContainsKey).SelectMany(Bodies))
        {
            inner.Commit();
        }

        NodeProto[] left = added ? NodeSort.Sort(this, [.. Nodes]) : [.. Nodes];
        if (added || left.Length != Proto.Node.Count)
        {
            Proto.Node.Clear();
            Proto.Node.Add(left);
            nodes.Clear();
            nodes.AddRange(left);
            added = false;
        }

        TensorProto[] constants = [.. initializers.Values];
        Proto.Initializer.Clear();
        Proto.Initializer.Add(constants);
        Keep(Proto.SparseInitializer, tensor => sparse.Contains(tensor.Values?.Name ?? string.Empty));
        Keep(Proto.Input, input => inputs.ContainsKey(input.Name));
        Keep(Proto.ValueInfo, value => producers.ContainsKey(value.Name) && !outputs.Contains(value.Name));
        Keep(Proto.QuantizationAnnotation, annotation => Defines(annotation.TensorName));
    }

    /// <summary>What is known of one value is known of an equal one too.</summary>
    private void Share(string from, string to)
    {
        if (types.TryGetValue(from, out TensorType type))
        {
            (DefinerOf(to) ?? this).Learn(to, type);
        }
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> field, Func<T, bool> keep)
    {
        if (!field.All(keep))
        {
            T[] kept = [.. field.Where(keep)];
            field.Clear();
            field.Add(kept);
        }
    }

    private void Learn(ValueInfoProto value)
    {
        if (TensorType.Of(value.Type) is { } type)
        {
            Learn(value.Name, type);
        }
    }

    private void Register(NodeProto node)
    {
        nodes.Add(node);
        alive.Add(node);
        foreach (string output in node.Output.Where(output => output.Length > 0))
        {
            if (inputs.ContainsKey(output) || initializers.ContainsKey(output) || !producers.TryAdd(output, node))
            {
                throw Model.Refuse($"The value \"{output}\" is made in two places, so this is no valid graph.");
            }
        }

        if (node.Is("Constant") && node.Attribute("value")?.T is { } constant && node.OutputAt(0) is { } name)
        {
            Learn(name, TensorType.Of(constant));
        }

        foreach (GraphProto body in ModelTensors.Bodies(node))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(bodies, node, out _) ??= [];
            bodies[node].Add(new EditableGraph(Model, this, body));
        }
    }

    private void FindUses(NodeProto node)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            Note(node.Input[i], new ValueUse(this, node, i));
        }

        foreach (EditableGraph inner in Bodies(node))
        {
            inner.FindUses();
            for (int i = 0; i < inner.Proto.Output.Count; i++)
            {
                if (!inner.Defines(inner.Proto.Output[i].Name))
                {
                    Note(inner.Proto.Output[i].Name, new ValueUse(inner, null, i));
                }
            }
        }
    }

    private void ForgetUses(NodeProto node)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            Forget(node.Input[i], new ValueUse(this, node, i));
        }

        foreach (EditableGraph inner in Bodies(node))
        {
            foreach (NodeProto nested in inner.Nodes)
            {
                inner.ForgetUses(nested);
            }

            for (int i = 0; i < inner.Proto.Output.Count; i++)
            {
                Forget(inner.Proto.Output[i].Name, new ValueUse(inner, null, i));
            }
        }
    }

    private void Note(string name, ValueUse use)
    {
        if (name.Length > 0 && DefinerOf(name) is { } graph)
        {
            graph.uses.Add(name, use);
        }
    }

    private void Forget(string name, ValueUse use)
    {
        if (name.Length > 0 && DefinerOf(name) is { } graph)
        {
            graph.uses.Remove(name, use);
        }
    }

    /// <summary>Whether all readers of a value of this graph could read another name and mean the value that it is here.</summary>
    private bool CanBeReadAs(string name, string other)
    {
        foreach (ValueUse use in Uses(name))
        {
            if (use.Node is null)
            {
                return false;
            }

            for (EditableGraph? graph = use.Graph; graph is not null && !ReferenceEquals(graph, this); graph = graph.Outer)
            {
                if (graph.Defines(other))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void MoveUses(string from, string to)
    {
        EditableGraph definer = DefinerOf(to) ?? this;
        foreach (ValueUse use in uses.Take(from))
        {
            use.Node!.Input[use.Index] = to;
            definer.uses.Add(to, use);
        }
    }
}

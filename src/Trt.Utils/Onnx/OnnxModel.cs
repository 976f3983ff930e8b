using System.Collections.Immutable;
using Google.Protobuf;
using Trt.Interop;
using Trt.Onnx;
using Location = Trt.Onnx.TensorProto.Types.DataLocation;

namespace Trt.Utils;

/// <summary>An ONNX model: opened, looked at, changed, optimised and saved, without running it or needing any native library.</summary>
/// <remarks>
/// <para>
/// Weights in files beside the model stay there: they are mapped when they are first read. Only files in the model's folder and below are opened. What ONNX adds in later
/// versions is kept when a model is saved. A model is changed as a whole or, when something throws, not at all.
/// </para>
/// <para>Not thread-safe. Dispose closes the files beside the model, which tensors and saved copies may still be read from.</para>
/// </remarks>
public sealed partial class OnnxModel : IDisposable
{
    private bool disposed;

    private OnnxModel(ModelProto proto, TensorContents contents)
    {
        Proto = proto;
        Contents = contents;
        contents.Files.Acquire();
    }

    /// <summary>Where the model came from, for messages: its full path, or <c>the model</c>.</summary>
    public string Source => Contents.Source;

    /// <summary>The graph's name.</summary>
    public string GraphName => Proto.Graph.Name;

    /// <summary>Version of the file format.</summary>
    public long IrVersion => Proto.IrVersion;

    /// <summary>The program that wrote the model.</summary>
    public string ProducerName => Proto.ProducerName;

    /// <summary>That program's version.</summary>
    public string ProducerVersion => Proto.ProducerVersion;

    /// <summary>Versions of the operator sets that the model uses, by domain; ONNX's own has the empty domain.</summary>
    public IReadOnlyDictionary<string, long> Opsets => Proto.OpsetImport.GroupBy(import => import.Domain == "ai.onnx" ? string.Empty : import.Domain, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First().Version, StringComparer.Ordinal);

    /// <summary>Free texts by key that the model carries.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Proto.MetadataProps.GroupBy(entry => entry.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Last().Value, StringComparer.Ordinal);

    /// <summary>Inputs that a run needs; initializers are not among them.</summary>
    public IReadOnlyList<OnnxValueInfo> Inputs
    {
        get
        {
            HashSet<string> constants = new(Proto.Graph.Initializer.Select(tensor => tensor.Name), StringComparer.Ordinal);
            return [.. Proto.Graph.Input.Where(input => !constants.Contains(input.Name)).Select(ValueInfos.Of)];
        }
    }

    /// <summary>Outputs.</summary>
    public IReadOnlyList<OnnxValueInfo> Outputs => [.. Proto.Graph.Output.Select(ValueInfos.Of)];

    /// <summary>Nodes of the main graph, in order; those in loops and branches are among the attributes of theirs.</summary>
    public IReadOnlyList<OnnxNode> Nodes => [.. Proto.Graph.Node.Select(node => new OnnxNode(node, Contents))];

    /// <summary>Constants of the main graph.</summary>
    public IReadOnlyList<OnnxInitializer> Initializers => [.. Proto.Graph.Initializer.Select(tensor => new OnnxInitializer(
        tensor.Name,
        (OnnxElementType)tensor.DataType,
        [.. tensor.Dims],
        tensor.DataLocation == Location.External ? TensorContents.Entry(tensor, "location") ?? string.Empty : null))];

    internal ModelProto Proto { get; private set; }

    internal TensorContents Contents { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The model, of at most 2 GiB without its external data.</param>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or a damaged one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel Load(string path) => Open(path, isOutline: false);

    /// <summary>Opens a file to look at it: everything but the elements of its tensors, which are not read. What needs them (saving, changing, attributes that are tensors) throws <see cref="InvalidOperationException"/>.</summary>
    /// <param name="path">The model, of at most 2 GiB without its external data.</param>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or a damaged one.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel LoadOutline(string path) => Open(path, isOutline: true);

    /// <summary>Reads a model to the end of a stream.</summary>
    /// <param name="stream">At most 2 GiB.</param>
    /// <param name="folder">Folder of its external data; null when it has none.</param>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or a damaged one.</exception>
    public static OnnxModel Load(Stream stream, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Of(OnnxFile.Read(stream, Unnamed), folder);
    }

    /// <summary>Reads a model in memory, which is copied.</summary>
    /// <param name="model">The serialized model.</param>
    /// <param name="folder">Folder of its external data; null when it has none.</param>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or a damaged one.</exception>
    public static OnnxModel Load(ReadOnlySpan<byte> model, string? folder = null) => Of(OnnxFile.Read(model, Unnamed), folder);

    /// <summary>Writes the model into a file, which appears only when it is whole.</summary>
    /// <param name="path">The file, which is replaced if it is there.</param>
    /// <param name="options">Where weights go; null for the defaults.</param>
    /// <exception cref="IOException">It cannot be written; a file that was there is as it was, or gone when its weights had to be replaced too.</exception>
    /// <exception cref="InvalidOperationException">The weights take more than 2 GiB, and were to be inside of the model.</exception>
    /// <exception cref="OnnxFormatException">A weight cannot be read.</exception>
    public void Save(string path, OnnxSaveOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(disposed, this);
        Contents.CheckIsWhole();
        new OnnxFileWriter(Proto, Contents).Save(path, options ?? new OnnxSaveOptions());
    }

    /// <summary>Writes the model into a stream, with all weights inside.</summary>
    /// <param name="stream">Where it goes.</param>
    /// <exception cref="InvalidOperationException">The weights take more than 2 GiB.</exception>
    /// <exception cref="OnnxFormatException">A weight cannot be read.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(disposed, this);
        Contents.CheckIsWhole();
        new OnnxFileWriter(Proto, Contents).Embedded().WriteTo(stream);
    }

    /// <summary>The serialized model, with all weights inside.</summary>
    /// <exception cref="InvalidOperationException">The weights take more than 2 GiB.</exception>
    /// <exception cref="OnnxFormatException">A weight cannot be read.</exception>
    public byte[] ToArray()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Contents.CheckIsWhole();
        return new OnnxFileWriter(Proto, Contents).Embedded().ToByteArray();
    }

    /// <summary>Elements of a constant of the main graph, where they lie: in the model, or in the mapped file beside it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such constant.</exception>
    /// <exception cref="OnnxFormatException">Its data is missing, does not fill its dimensions, or lies where it may not be read.</exception>
    public OnnxTensor GetInitializer(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return Contents.Read(Proto.Graph.Initializer.FirstOrDefault(tensor => tensor.Name == name)
            ?? throw new KeyNotFoundException($"{Source} has no initializer \"{name}\".{NearestText(name, Proto.Graph.Initializer.Select(tensor => tensor.Name))}"));
    }

    /// <summary>What there is to know of the model, in lines of text: versions, inputs, outputs, how many nodes of each operator, weights, metadata.</summary>
    public string Summary() => OnnxSummary.Of(this);

    /// <summary>Cuts out the part that computes some tensors from others, with the constants that it needs.</summary>
    /// <param name="inputs">Names of the tensors that become inputs; any of the model's main graph.</param>
    /// <param name="outputs">Names of the tensors that become outputs.</param>
    /// <returns>A new model, which shares the files beside this one.</returns>
    /// <exception cref="ArgumentException">There is no tensor of a name, or other inputs are needed too; the message names them.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid.</exception>
    public OnnxModel Extract(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        string[] from = [.. inputs], to = [.. outputs];
        EditableModel edited = Edit();
        if (from.Concat(to).Any(name => edited.Main.Defines(name) && edited.Main.TypeOf(name) is null))
        {
            InferIfPossible(edited);
        }

        edited.Commit();
        return new OnnxModel(SubgraphExtraction.Extract(edited, from, to), Contents);
    }

    /// <summary>Gives an input or output other extents. Those of values between the nodes are forgotten and those of outputs inferred anew when an input changes.</summary>
    /// <param name="name">The input or output.</param>
    /// <param name="dims">Extents: numbers, symbols, or −1 for what is not known.</param>
    /// <exception cref="ArgumentException">There is no such input or output, or it is no tensor.</exception>
    /// <exception cref="InvalidOperationException">The model cannot have such an input; the message holds ONNX Runtime's reason.</exception>
    public void SetShape(string name, params ReadOnlySpan<OnnxDim> dims) => Become(ShapeEditing.SetShape(Proto, Contents, name, dims));

    /// <summary>Gives all inputs another first extent, and changes what holds the old one: constant shapes of Reshape and Expand, and the outputs.</summary>
    /// <param name="batch">A number, or a symbol such as <c>"N"</c> for a dynamic batch.</param>
    /// <exception cref="InvalidOperationException">Inputs begin with different extents, or the batch is held where it cannot be changed; the message names the place.</exception>
    public void SetBatchSize(OnnxDim batch) => Become(ShapeEditing.SetBatch(Proto, Contents, batch));

    /// <summary>Adds what ONNX Runtime infers of the types of values between the nodes, and of outputs, to the model.</summary>
    /// <exception cref="InvalidOperationException">The model is not valid; the message holds ONNX Runtime's reason.</exception>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    public void InferShapes()
    {
        EditableModel edited = Edit();
        if (TypeInference.Infer(edited) is { } reason)
        {
            throw new InvalidOperationException($"Shapes cannot be inferred: {reason}");
        }

        edited.Declare();
        Become(edited.Commit());
    }

    /// <summary>Writes the model with another version of ONNX's operators. Those that the version lacks are written with others where that is possible.</summary>
    /// <param name="opset">11 to 23; the model's own must be among these too.</param>
    /// <exception cref="NotSupportedException">A node has no equal in the version; the message names it and says why.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime does not take the result; the message holds its reason.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid.</exception>
    public void ConvertOpset(int opset)
    {
        EditableModel edited = Edit();
        InferIfPossible(edited);
        GraphPass constants = OnnxPasses.Find("extract_constant_to_initializer");
        foreach (EditableGraph graph in edited.Graphs.ToArray())
        {
            constants.Run(graph);
        }

        new OpsetConversion(edited, opset).Run();
        ModelProto proto = edited.Commit();
        try
        {
            if (TypeInference.Infer(new EditableModel(proto, Contents)) is { } reason)
            {
                throw new InvalidOperationException($"The model in operator set {opset} is not valid: {reason}");
            }
        }
        catch (TensorRtNotFoundException)
        {
            // Nobody here can tell.
        }

        Become(proto);
    }

    /// <summary>Gives a tensor of the main graph another name, wherever it is read: an input, an output, a constant or a value between nodes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newName">The name that it gets, which no tensor has.</param>
    /// <exception cref="ArgumentException">There is no such tensor, or one of the new name.</exception>
    public void Rename(string name, string newName) => Become(Renaming.Tensor(Proto, name, newName));

    /// <summary>Gives a node another name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="newName">The name that it gets, which no node has.</param>
    /// <exception cref="ArgumentException">There is no such node, or several, or one of the new name.</exception>
    public void RenameNode(string name, string newName) => Become(Renaming.Node(Proto, name, newName));

    /// <summary>Sets one of the free texts that the model carries.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The text; null takes it away.</param>
    public void SetMetadata(string key, string? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        StringStringEntryProto[] others = [.. Proto.MetadataProps.Where(entry => entry.Key != key)];
        Proto.MetadataProps.Clear();
        Proto.MetadataProps.Add(others);
        if (value is not null)
        {
            Proto.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }

    /// <summary>Runs optimisation passes, as onnxoptimizer does.</summary>
    /// <param name="passes">Names of <see cref="OnnxPasses.All"/>, in the order in which they are run; null for <see cref="OnnxPasses.Default"/>.</param>
    /// <param name="options">How; null for once, without a check.</param>
    /// <returns>What was changed.</returns>
    /// <exception cref="ArgumentException">There is no pass of a name, or the check's shapes do not fit the model.</exception>
    /// <exception cref="OnnxCheckException">Outputs changed, or the model cannot be run; it is as it was.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid: two nodes make one value, or nodes need one another in a circle.</exception>
    /// <exception cref="TensorRtNotFoundException">A check was asked for, and no runtime is registered.</exception>
    public OnnxOptimizeReport Optimize(IEnumerable<string>? passes = null, OnnxOptimizeOptions? options = null)
    {
        options ??= new OnnxOptimizeOptions();
        GraphPass[] found = [.. (passes ?? OnnxPasses.Default).Select(OnnxPasses.Find)];
        using Optimization optimization = new(this, options.Check);
        optimization.Optimize(found, options.FixedPoint, options.InferShapes);
        return optimization.Finish();
    }

    /// <summary>
    /// Makes the model simpler, as onnxsim does: shapes are inferred, what depends on constants only is computed, and passes are run, until nothing changes; then outputs are
    /// compared with those before. Dynamic extents stay dynamic. ONNX Runtime does the inference, the computing and the check.
    /// </summary>
    /// <param name="options">How; null for the defaults.</param>
    /// <returns>What was changed; its text is a table of the operators.</returns>
    /// <exception cref="OnnxCheckException">Outputs changed, or the model cannot be run; it is as it was.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid: two nodes make one value, or nodes need one another in a circle.</exception>
    /// <exception cref="TensorRtNotFoundException">No runtime is registered.</exception>
    public OnnxOptimizeReport Simplify(OnnxSimplifyOptions? options = null)
    {
        options ??= new OnnxSimplifyOptions();
        GraphPass[] found = [.. (options.Passes ?? OnnxPasses.Simplification).Select(OnnxPasses.Find)];
        using Optimization optimization = new(this, options.Check);
        optimization.Simplify(found, options.FoldConstants, options.MaxFoldedBytes);
        return optimization.Finish();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Proto.Graph.Node.Count} nodes, opset {EditableModel.OpsetOf(Proto.OpsetImport)}";

    /// <summary>Closes the files beside the model, unless another model made from it still needs them.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            Contents.Files.Release();
        }
    }

    private static OnnxModel Open(string path, bool isOutline)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        ModelProto proto = OnnxFile.Read(path, isOutline);
        string? real = new FileInfo(path).LinkTarget is null ? null : Path.GetDirectoryName(ExternalDataPath.Real(path));
        return new OnnxModel(proto, new TensorContents(path, new ExternalFiles(path, Path.GetDirectoryName(path), real)) { IsOutline = isOutline });
    }

    internal const string Unnamed = "the model";

    internal static OnnxModel Of(ModelProto proto, string? folder) => new(proto, new TensorContents(Unnamed, new ExternalFiles(Unnamed, folder is null ? null : Path.GetFullPath(folder), null)));

    internal static string NearestText(string name, IEnumerable<string> names) => NearestName.Of(name, names).Take(3).ToArray() is { Length: > 0 } near ? $" Near it: {string.Join(", ", near)}." : string.Empty;

    /// <summary>Takes over a changed form.</summary>
    internal void Become(ModelProto proto)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Proto = proto;
    }

    /// <summary>Takes away versions of operator sets that no node is of.</summary>
    internal void RemoveUnusedOpsets()
    {
        HashSet<string> used = new(ModelTensors.Graphs(Proto.Graph).SelectMany(graph => graph.Node).Select(node => node.Domain).Append(string.Empty), StringComparer.Ordinal);
        OperatorSetIdProto[] kept = [.. Proto.OpsetImport.Where(import => used.Contains(import.Domain))];
        Proto.OpsetImport.Clear();
        Proto.OpsetImport.Add(kept);
    }

    /// <summary>Weights leave the model and become inputs of their names: floating-point constants that have dimensions.</summary>
    internal void WeightsBecomeInputs()
    {
        EditableModel edited = Edit();
        ModelProto proto = edited.Commit();
        TensorProto[] weights = [.. proto.Graph.Initializer.Where(tensor => tensor.Dims.Count > 0 && FloatNumbers.Supports((OnnxElementType)tensor.DataType))];
        foreach (TensorProto weight in weights)
        {
            proto.Graph.Input.Add(new ValueInfoProto { Name = weight.Name, Type = TensorType.Of(weight).ToProto() });
        }

        HashSet<TensorProto> gone = new(weights, ReferenceEqualityComparer.Instance);
        TensorProto[] left = [.. proto.Graph.Initializer.Where(tensor => !gone.Contains(tensor))];
        proto.Graph.Initializer.Clear();
        proto.Graph.Initializer.Add(left);
        Become(proto);
    }

    /// <summary>Gives a tensor that happens to have a name another one.</summary>
    internal void MakeFree(string name)
    {
        HashSet<string> names = new(ModelTensors.Graphs(Proto.Graph).SelectMany(graph => graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.Node.SelectMany(node => node.Output))), StringComparer.Ordinal);
        if (names.Contains(name))
        {
            string other = name;
            for (int i = 1; !names.Add(other); i++)
            {
                other = $"{name}_{i}";
            }

            Rename(name, other);
        }
    }

    private static void InferIfPossible(EditableModel model) => TryInfer(model);

    /// <returns>Whether types were inferred; else what the model itself says has to do.</returns>
    private static bool TryInfer(EditableModel model)
    {
        try
        {
            return TypeInference.Infer(model) is null;
        }
        catch (TensorRtNotFoundException)
        {
            return false;
        }
    }

    /// <summary>The same model once more; weights are shared.</summary>
    internal OnnxModel Copy()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new OnnxModel(Proto.Clone(), Contents);
    }

    /// <summary>Writes what can be inferred of types into the model, and what is known of those that another model's tensors of the same names have.</summary>
    internal void InferTypes(EditableGraph? other = null)
    {
        EditableModel edited = Edit();
        TryInfer(edited);
        foreach (string name in other is null ? [] : edited.Main.Nodes.SelectMany(node => node.Output).Where(name => name.Length > 0 && edited.Main.TypeOf(name) is null).ToArray())
        {
            if (other!.TypeOf(name) is { } type)
            {
                edited.Main.Learn(name, type);
            }
        }

        edited.Declare();
        Become(edited.Commit());
    }

    /// <summary>A copy to change; weights are shared.</summary>
    internal EditableModel Edit()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Contents.CheckIsWhole();
        return new EditableModel(Proto.Clone(), Contents);
    }
}

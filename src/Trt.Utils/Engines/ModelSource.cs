using Trt.Interop;

namespace Trt.Utils;

/// <summary>What an engine is built from: an ONNX model, a function that defines a network, or weights with a model builder.</summary>
/// <remarks>A string is the path of an ONNX file: <c>builder.Build("model.onnx")</c>.</remarks>
public abstract class ModelSource
{
    private protected ModelSource(string kind, string name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>What it is: <c>onnx</c>, <c>network</c> or <c>weights</c>.</summary>
    public string Kind { get; }

    /// <summary>What it is called in messages and in the file beside an engine: a path where it has one.</summary>
    public string Name { get; }

    /// <summary>An ONNX file; its external data is looked for beside it.</summary>
    /// <param name="path">The file.</param>
    public static ModelSource FromOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new OnnxFileSource(path);
    }

    /// <summary>An ONNX model in memory.</summary>
    /// <param name="model">The model as protobuf.</param>
    /// <param name="folder">Where its external data is; null when it has none.</param>
    public static ModelSource FromOnnx(ReadOnlyMemory<byte> model, string? folder = null) => new OnnxBytesSource(model, folder);

    /// <summary>An ONNX model in a stream, which is read to its end now.</summary>
    /// <param name="model">The model as protobuf.</param>
    /// <param name="folder">Where its external data is; null when it has none.</param>
    public static ModelSource FromOnnx(Stream model, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using MemoryStream copy = new();
        model.CopyTo(copy);
        return new OnnxBytesSource(copy.GetBuffer().AsMemory(0, (int)copy.Length), folder);
    }

    /// <summary>A network that a function defines.</summary>
    /// <param name="define">Fills an empty network: inputs, layers, outputs. What holds the weights must live until the build is over.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="key">Changes whenever the network or its weights change; what an engine cache tells networks apart by. Null: it cannot be cached.</param>
    public static ModelSource FromNetwork(Action<INetworkDefinition> define, string name = "network", string? key = null)
    {
        ArgumentNullException.ThrowIfNull(define);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new NetworkSource(define, name, key);
    }

    /// <summary>Weights in a file, which are opened for the build and closed after it.</summary>
    /// <param name="path">A file of any format that <see cref="WeightsMap.Open"/> reads.</param>
    /// <param name="model">The architecture; null: the one of <see cref="ModelBuilders.All"/> that recognises the weights.</param>
    /// <param name="key">Changes whenever what <paramref name="model"/> defines does, for an engine cache; needed for a builder of your own only.</param>
    public static ModelSource FromWeights(string path, IModelBuilder? model = null, string? key = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WeightsSource(path, null, model, key);
    }

    /// <summary>Weights that are open; they must stay so until the build is over.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="model">The architecture; null: the one of <see cref="ModelBuilders.All"/> that recognises the weights.</param>
    /// <param name="name">What they are called in messages.</param>
    /// <param name="key">Changes whenever what <paramref name="model"/> defines does, for an engine cache; needed for a builder of your own only.</param>
    public static ModelSource FromWeights(WeightsMap weights, IModelBuilder? model = null, string name = "weights", string? key = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new WeightsSource(name, weights, model, key);
    }

    /// <summary>The path of an ONNX file.</summary>
    /// <param name="onnxPath">The file.</param>
    public static implicit operator ModelSource(string onnxPath) => FromOnnx(onnxPath);

    /// <summary>The path of an ONNX file.</summary>
    /// <param name="onnxPath">The file.</param>
    public static ModelSource FromString(string onnxPath) => FromOnnx(onnxPath);

    /// <summary>SHA-256 of everything that the engine is made from, in hexadecimal digits; null when it cannot be told.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public abstract string? ComputeHash();

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Fills a network.</summary>
    /// <param name="work">The build.</param>
    /// <param name="network">An empty network.</param>
    /// <returns>What must live until the engine is built, or null.</returns>
    internal abstract IDisposable? Define(BuildWork work, INetworkDefinition network);
}

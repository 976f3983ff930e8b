namespace Trt.Interop;

/// <summary>What became of a network's tensors and layers in a copy of it.</summary>
/// <remarks>Made by <see cref="NetworkExtensions.CopyTo"/>. Valid as long as both networks are; not changed by what is added to either later.</remarks>
public sealed class NetworkCopy
{
    internal NetworkCopy(INetworkDefinition source, INetworkDefinition target, IReadOnlyDictionary<ITensor, ITensor> tensors, IReadOnlyDictionary<ILayer, ILayer> layers)
    {
        Source = source;
        Target = target;
        Tensors = tensors;
        Layers = layers;
    }

    /// <summary>The network that was copied.</summary>
    public INetworkDefinition Source { get; }

    /// <summary>The network that it was copied into.</summary>
    public INetworkDefinition Target { get; }

    /// <summary>The copy's tensor for each tensor of the source: inputs and outputs of layers.</summary>
    public IReadOnlyDictionary<ITensor, ITensor> Tensors { get; }

    /// <summary>The copy's layer for each layer of the source.</summary>
    public IReadOnlyDictionary<ILayer, ILayer> Layers { get; }
}

using Trt.Interop.Copying;

namespace Trt.Interop;

/// <summary>What .NET programs do with whole networks.</summary>
public static class NetworkExtensions
{
    /// <summary>Defines a network again, layer by layer, in an empty one, which may be another library's: a network of TensorRT-RTX in the CPU runtime, for example.</summary>
    /// <param name="network">The network; it is only read. It must live as long as the copy, because weights are not copied. Not while another thread changes it.</param>
    /// <param name="empty">
    /// A network without inputs and layers. Make it with the same flags: types that a strongly typed network infers and precisions that a weakly typed one was told are
    /// not carried over into the other kind.
    /// </param>
    /// <returns>Which tensor and which layer of the copy stands for which of the network.</returns>
    /// <remarks>
    /// Names, types, shapes and names of dimensions, parameters, precisions, dynamic ranges and marked outputs are the same; plugins are added again as the same objects.
    /// What one of the two releases does not have is left at the copy's default. Names given to weights (<see cref="INetworkDefinition.SetWeightsName"/>), marks for
    /// debugging and device types cannot be read from a network and are not copied.
    /// </remarks>
    /// <exception cref="ArgumentException">The other network is not empty.</exception>
    /// <exception cref="TensorRtException">The other network does not take a layer; the message is its own.</exception>
    /// <exception cref="NotInThisReleaseException">The other network's release lacks a layer.</exception>
    /// <exception cref="NotSupportedException">A layer cannot be copied, because its interface does not tell how it is connected; the message names it.</exception>
    public static NetworkCopy CopyTo(this INetworkDefinition network, INetworkDefinition empty)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(empty);
        if (empty.NbLayers != 0 || empty.NbInputs != 0)
        {
            throw new ArgumentException(
                $"The network to copy into has {empty.NbInputs} inputs and {empty.NbLayers} layers, but must be empty; make a new one with CreateNetworkV2.", nameof(empty));
        }

        NetworkCopy copy = NetworkCopier.Copy(network, empty);
        GC.KeepAlive(network);
        return copy;
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>What joins and reshapes tensors between modules.</summary>
public static class TensorModules
{
    /// <summary>torch.flatten: joins axes.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="startAxis">The first of the axes; negative counts from the end.</param>
    /// <returns>The input's axes before the first, and one of all the others.</returns>
    /// <exception cref="TensorRtException">The library refused.</exception>
    public static ITensor Flatten(this INetworkDefinition network, ITensor input, int startAxis = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        int start = Axis(input, startAxis);
        Dims old = input.Dimensions;
        Dims dims = NetworkParts.Same(start + 1, 0);
        long length = 1;
        for (int i = start; i < old.NbDims && length >= 0; i++)
        {
            length = old[i] < 0 ? -1 : length * old[i];
        }

        dims[start] = length;
        IShuffleLayer layer = network.AddShuffle(input);
        layer.ReshapeDimensions = dims;
        return layer.GetOutput(0);
    }

    /// <summary>The sum of two tensors; axes of 1 are repeated.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="x">A tensor.</param>
    /// <param name="y">Another one of as many axes.</param>
    /// <inheritdoc cref="Flatten" path="/exception"/>
    /// <returns>The shape that both have in common.</returns>
    public static ITensor Add(this INetworkDefinition network, ITensor x, ITensor y)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.AddElementWise(x, y, ElementWiseOperation.Sum).GetOutput(0);
    }

    /// <summary>torch.cat: tensors one after the other along an axis.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="inputs">Tensors, equal in all other axes.</param>
    /// <inheritdoc cref="Flatten" path="/exception"/>
    /// <returns>The joined tensor.</returns>
    public static ITensor Concat(this INetworkDefinition network, int axis, params ReadOnlySpan<ITensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (inputs.IsEmpty)
        {
            throw new ArgumentException("There is nothing to concatenate.", nameof(inputs));
        }

        IConcatenationLayer layer = network.AddConcatenation(inputs);
        layer.Axis = Axis(inputs[0], axis);
        return layer.GetOutput(0);
    }

    /// <summary>An axis counted from the beginning.</summary>
    internal static int Axis(ITensor input, int axis)
    {
        int rank = input.Dimensions.NbDims;
        return axis >= -rank && axis < rank
            ? axis < 0 ? axis + rank : axis
            : throw new ArgumentOutOfRangeException(nameof(axis), axis, $"\"{input.Name}\" is {input.Dimensions} and has no such axis.");
    }
}

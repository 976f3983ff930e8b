using Trt.Interop;

namespace Trt.Utils;

/// <summary>An input of the network that is calibrated.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its extents, batch axis first; −1 where any will do.</param>
internal readonly record struct CalibrationInput(string Name, DataType Type, Dims Shape)
{
    /// <summary>The inputs of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="hasBatch">Whether shapes have a batch axis; not in TensorRT 8's networks with an implicit batch.</param>
    public static CalibrationInput[] Of(INetworkDefinition network, bool hasBatch)
    {
        CalibrationInput[] inputs = new CalibrationInput[network.NbInputs];
        for (int i = 0; i < inputs.Length; i++)
        {
            ITensor input = network.GetInput(i);
            inputs[i] = new CalibrationInput(input.Name, input.Type, hasBatch ? input.Dimensions : [-1, .. input.Dimensions]);
        }

        return inputs;
    }

    /// <summary>Whether the input takes a shape.</summary>
    public bool Takes(Dims shape)
    {
        if (shape.NbDims != Shape.NbDims)
        {
            return false;
        }

        for (int axis = 0; axis < shape.NbDims; axis++)
        {
            if (Shape[axis] >= 0 && Shape[axis] != shape[axis])
            {
                return false;
            }
        }

        return true;
    }
}

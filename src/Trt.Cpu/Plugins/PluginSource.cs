using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Numbers that the shapes of a plugin's outputs are computed from.</summary>
/// <param name="inputs">Number of the plugin's inputs.</param>
/// <param name="shapeInputs">Number of its shape inputs.</param>
/// <param name="outputs">Number of its outputs.</param>
internal sealed class PluginSource(int inputs, int shapeInputs, int outputs) : IDimSource
{
    /// <summary>Shapes of the inputs.</summary>
    public Dims[] Dims { get; } = new Dims[inputs];

    /// <summary>Values of the shape inputs.</summary>
    public long[][] Values { get; } = new long[shapeInputs][];

    /// <summary>Values of the outputs that are size tensors.</summary>
    public long[] Sizes { get; } = new long[outputs];

    public long Extent(int input, int axis) => Dims[input][axis];

    public long Value(int input, int element) => input >= PluginShapes.FirstSizeTensor ? Sizes[input - PluginShapes.FirstSizeTensor] : Values[input - inputs][element];

    /// <summary>A shape of an output.</summary>
    public Dims Shape(DimExpr[] extents)
    {
        Dims dims = new() { NbDims = extents.Length };
        for (int axis = 0; axis < extents.Length; axis++)
        {
            dims[axis] = extents[axis].Evaluate(this);
        }

        return dims;
    }
}

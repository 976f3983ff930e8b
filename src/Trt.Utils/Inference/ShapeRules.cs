using Trt.Interop;

namespace Trt.Utils;

/// <summary>Shapes that users give, against the engine's.</summary>
internal static class ShapeRules
{
    /// <summary>Checks a shape against the shape that an input was built with. Profiles are looked at when all shapes are known.</summary>
    /// <exception cref="ArgumentException">Another rank, a negative extent or another fixed extent.</exception>
    public static void Check(TensorSpec input, in Dims shape)
    {
        Dims built = input.Shape;
        if (shape.NbDims != built.NbDims)
        {
            throw new ArgumentException($"Input \"{input.Name}\" has {built.NbDims} axes ({ShapeText.Of(built)}), but the shape {ShapeText.Of(shape)} has {shape.NbDims}.");
        }

        for (int axis = 0; axis < built.NbDims; axis++)
        {
            if (shape[axis] < 0 || (built[axis] >= 0 && built[axis] != shape[axis]))
            {
                string expected = built[axis] < 0 ? "0 or more" : $"{built[axis]}";
                throw new ArgumentException($"Input \"{input.Name}\" was built with shape {ShapeText.Of(built)}, in which axis {axis} is {expected}; the shape {ShapeText.Of(shape)} has {shape[axis]} there.");
            }
        }
    }

    /// <summary>The shape that so many elements have where the engine leaves one extent open.</summary>
    /// <returns>Unknown where the number does not fit.</returns>
    /// <exception cref="ArgumentException">Several extents are open.</exception>
    public static Dims Following(TensorSpec input, long elements)
    {
        Dims shape = input.Shape;
        int open = -1;
        long known = 1;
        for (int axis = 0; axis < shape.NbDims; axis++)
        {
            if (shape[axis] >= 0)
            {
                known *= shape[axis];
            }
            else if (open < 0)
            {
                open = axis;
            }
            else
            {
                throw new ArgumentException($"Input \"{input.Name}\" leaves several extents open ({ShapeText.Of(input.Shape)}): say the shape of the {elements} elements.");
            }
        }

        if (open < 0 || known == 0 || elements % known != 0)
        {
            return Dims.Unknown;
        }

        shape[open] = elements / known;
        return shape;
    }

    /// <summary>Checks a number of elements against a shape.</summary>
    /// <param name="input">The input.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="elements">How many there are.</param>
    /// <param name="size">Bytes of the .NET type that holds them.</param>
    /// <param name="exactly">Whether there must not be more.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void CheckLength(TensorSpec input, in Dims shape, long elements, int size, bool exactly)
    {
        if (!shape.IsStatic)
        {
            throw new ArgumentException($"Input \"{input.Name}\" has shape {ShapeText.Of(input.Shape)}, which {elements} elements do not fill.");
        }

        long needed = input.MemoryBytes(shape) / size;
        if (exactly ? elements != needed : elements < needed)
        {
            throw new ArgumentException($"Input \"{input.Name}\" of shape {ShapeText.Of(shape)} has {needed} elements, but {elements} were given.");
        }
    }
}

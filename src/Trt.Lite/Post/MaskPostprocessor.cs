using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <param name="palette">Colours of the classes; empty: grey with the class's number.</param>
/// <param name="threshold">Of a single plane: from which value on a pixel is class 1.</param>
/// <param name="originalSize">Whether the picture gets the size of the one that was given.</param>
internal sealed class MaskPostprocessor(Colour[] palette, float threshold, bool originalSize) : Postprocessor<Image>
{
    internal override ScoreReduction? ReductionOf(Dims sample) => sample.NbDims == 3 && sample[0] is > 1 and <= 256 && sample.Volume > 0 ? ScoreReduction.Best(0) : null;

    public override Image Apply(SampleOutputs sample)
    {
        OutputView output = sample.Only;
        Dims shape = output.Shape;
        if (shape.NbDims is not (2 or 3) || shape.Volume == 0)
        {
            throw new ArgumentException($"Output \"{output.Name}\" of shape {Shapes.Text(shape)} (without batch) is no picture: expected classes x height x width, or height x width.");
        }

        int height = checked((int)shape[shape.NbDims - 2]);
        int width = checked((int)shape[shape.NbDims - 1]);
        byte[] map = new byte[height * width];
        int planes = shape.NbDims == 3 ? checked((int)shape[0]) : 1;
        if (planes > 1)
        {
            ClassMap.Argmax(output.Floats, planes, map);
        }
        else if (output.Type is DataType.Float or DataType.Half or DataType.BF16)
        {
            ReadOnlySpan<float> values = output.Floats;
            for (int i = 0; i < map.Length; i++)
            {
                map[i] = values[i] >= threshold ? (byte)1 : (byte)0;
            }
        }
        else if (ElementCast.Convert(output.Bytes, Elements.KindOf(output.Type), map, ElementKind.UInt8) is >= 0 and long at)
        {
            throw new ArgumentException($"Output \"{output.Name}\" has class {ElementCast.Text(output.Bytes, Elements.KindOf(output.Type), at)} at pixel {at}; a picture holds classes 0 to 255.");
        }

        if (originalSize && sample.Placement is { } placement)
        {
            map = ClassMap.ToPicture(map, width, height, placement);
            (width, height) = (placement.Width, placement.Height);
        }

        return ClassMap.ToImage(map, width, height, palette);
    }
}

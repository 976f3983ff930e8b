using Trt.Interop;

namespace Trt.Lite;

/// <summary>Numbers that one or more samples are made of.</summary>
/// <param name="Values">The numbers.</param>
/// <param name="SampleShape">The shape of one of them.</param>
internal sealed record ValuesItem(InputValues Values, Dims SampleShape)
{
    /// <summary>Reads one sample.</summary>
    public PreparedInput Prepare(int index, InputInfo input, bool convert) => new Prepared(this, index, input, convert) { Shape = SampleShape };

    private sealed class Prepared(ValuesItem item, int index, InputInfo input, bool convert) : PreparedInput
    {
        public override void Write(Span<byte> target)
        {
            int length = checked((int)(item.SampleShape.Volume * Elements.Size(item.Values.Kind)));
            InputConversion.Write(item.Values.Bytes.Slice(index * length, length), item.Values.Kind, target, input, convert);
        }
    }
}

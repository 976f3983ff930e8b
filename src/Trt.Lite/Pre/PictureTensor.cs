using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>How an input of a model is a picture.</summary>
/// <param name="Channels">1, 3 or 4.</param>
/// <param name="Size">Width and height, −1 where any will do.</param>
/// <param name="Layout">Where the channels stand.</param>
/// <param name="HasChannels">Whether there is an axis for them.</param>
internal readonly record struct PictureTensor(int Channels, TensorSize Size, TensorLayout Layout, bool HasChannels)
{
    /// <summary>Reads a shape: [C, H, W], [H, W, C] or [H, W].</summary>
    /// <param name="input">The input.</param>
    /// <param name="layout">What the user says; null: wherever there are 1, 3 or 4 places, first looked for at the front.</param>
    /// <exception cref="ArgumentException">It is no picture.</exception>
    public static PictureTensor Of(InputInfo input, TensorLayout? layout)
    {
        Dims shape = input.SampleShape;
        if (shape.NbDims == 2)
        {
            return new PictureTensor(1, new TensorSize((int)shape[1], (int)shape[0]), TensorLayout.ChannelsFirst, false);
        }

        if (shape.NbDims == 3)
        {
            bool first = layout is null ? IsChannels(shape[0]) || !IsChannels(shape[2]) : layout == TensorLayout.ChannelsFirst;
            long channels = first ? shape[0] : shape[2];
            if (channels < 0 || IsChannels(channels))
            {
                TensorSize size = first ? new TensorSize((int)shape[2], (int)shape[1]) : new TensorSize((int)shape[1], (int)shape[0]);
                return new PictureTensor(channels < 0 ? 3 : (int)channels, size, first ? TensorLayout.ChannelsFirst : TensorLayout.ChannelsLast, true);
            }
        }

        throw new ArgumentException($"Input \"{input.Name}\" of shape {Shapes.Text(shape)} (without batch) is no picture of 1, 3 or 4 channels: give it numbers, or a pre-processor made with Pre.From.");
    }

    /// <summary>The shape of a sample of this size.</summary>
    public Dims Shape(int width, int height) => !HasChannels ? [height, width] : Layout == TensorLayout.ChannelsFirst ? [Channels, height, width] : [height, width, Channels];

    private static bool IsChannels(long extent) => extent is 1 or 3 or 4;
}

namespace Trt.Utils;

/// <summary>Where the channels of a picture stand in a tensor.</summary>
public enum TensorLayout
{
    /// <summary>[C, H, W]: a plane for each channel, as PyTorch's models want it.</summary>
    ChannelsFirst,

    /// <summary>[H, W, C]: the channels of a pixel next to each other, as TensorFlow's models want it.</summary>
    ChannelsLast,
}

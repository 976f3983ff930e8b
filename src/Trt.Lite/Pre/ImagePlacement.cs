namespace Trt.Lite;

/// <summary>Where the pixels of a picture went when it was made a tensor: x becomes x × <paramref name="ScaleX"/> + <paramref name="OffsetX"/>, y likewise.</summary>
/// <param name="Width">The original picture's width.</param>
/// <param name="Height">The original picture's height.</param>
/// <param name="TensorWidth">The tensor's width.</param>
/// <param name="TensorHeight">The tensor's height.</param>
/// <param name="ScaleX">Pixels of the tensor for one of the picture, across.</param>
/// <param name="ScaleY">The same downwards.</param>
/// <param name="OffsetX">Where the picture's left edge is in the tensor; negative where it was cropped.</param>
/// <param name="OffsetY">Where the picture's upper edge is in the tensor.</param>
public readonly record struct ImagePlacement(int Width, int Height, int TensorWidth, int TensorHeight, double ScaleX, double ScaleY, double OffsetX, double OffsetY)
{
    /// <summary>A picture that was not moved or scaled.</summary>
    /// <param name="width">Its width.</param>
    /// <param name="height">Its height.</param>
    public static ImagePlacement Unmoved(int width, int height) => new(width, height, width, height, 1, 1, 0, 0);

    /// <summary>From the tensor's x to the picture's, not limited to the picture.</summary>
    /// <param name="x">In pixels of the tensor.</param>
    public double ToPictureX(double x) => (x - OffsetX) / ScaleX;

    /// <summary>From the tensor's y to the picture's, not limited to the picture.</summary>
    /// <param name="y">In pixels of the tensor.</param>
    public double ToPictureY(double y) => (y - OffsetY) / ScaleY;

    /// <summary>After a further resizing to a new size.</summary>
    internal ImagePlacement Resized(int width, int height)
    {
        double across = (double)width / TensorWidth;
        double down = (double)height / TensorHeight;
        return this with { TensorWidth = width, TensorHeight = height, ScaleX = ScaleX * across, ScaleY = ScaleY * down, OffsetX = OffsetX * across, OffsetY = OffsetY * down };
    }

    /// <summary>After moving into a frame of another size.</summary>
    internal ImagePlacement Moved(int width, int height, int x, int y) => this with { TensorWidth = width, TensorHeight = height, OffsetX = OffsetX + x, OffsetY = OffsetY + y };
}

namespace Trt.Lite;

/// <summary>The size of picture that a model wants.</summary>
/// <param name="Width">Pixels in a row, or −1: any.</param>
/// <param name="Height">Rows, or −1: any.</param>
internal readonly record struct TensorSize(int Width, int Height)
{
    /// <summary>The size that a step without one of its own works towards.</summary>
    /// <exception cref="InvalidOperationException">The model takes any.</exception>
    public TensorSize Known(string step) => Width > 0 && Height > 0
        ? this
        : throw new InvalidOperationException($"{step} without a size makes pictures as large as the model wants them, but the model takes any size: say one.");
}

using Trt.Interop;

namespace Trt.Lite;

/// <summary>What an input of the model wants of a sample.</summary>
/// <param name="Name">The input's name.</param>
/// <param name="Type">The element type.</param>
/// <param name="SampleShape">The shape without batch; −1 for extents that a run decides.</param>
/// <param name="HasBatch">Whether the tensor has an axis for the batch before these.</param>
internal sealed record InputInfo(string Name, DataType Type, Dims SampleShape, bool HasBatch)
{
    /// <summary>The shape as messages show it.</summary>
    public string Expected => HasBatch ? $"{Shapes.Text(SampleShape)} for a sample, or Nx{Shapes.Text(SampleShape)} for a batch" : Shapes.Text(SampleShape);
}

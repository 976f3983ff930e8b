using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli;

/// <summary>What a model wants for an input.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Its elements.</param>
/// <param name="Shape">Its extents; -1 is open.</param>
internal sealed record TensorSlot(string Name, TorchDType Type, IReadOnlyList<long> Shape)
{
    /// <summary>A tensor of an engine.</summary>
    public static TensorSlot Of(TensorSpec tensor) => new(tensor.Name, ElementType.Of(tensor.DataType, tensor.Name), tensor.Shape.ToArray());

    /// <summary>An input of an ONNX model.</summary>
    public static TensorSlot Of(OnnxValueInfo value) => new(value.Name, ElementType.Of(value.ElementType, value.Name), value.Dims.IsDefault ? [] : value.Dims);

    /// <summary>Whether extents fit: as many, and equal where they are not open.</summary>
    public bool Takes(IReadOnlyList<long> extents) => extents.Count == Shape.Count && extents.Zip(Shape).All(pair => pair.Second < 0 || pair.First == pair.Second);
}

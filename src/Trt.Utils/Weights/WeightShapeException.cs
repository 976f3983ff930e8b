using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>A tensor has another shape than the network expects.</summary>
public sealed class WeightShapeException : InvalidOperationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="name">The tensor's full name.</param>
    /// <param name="given">Its dimensions.</param>
    /// <param name="expected">Those expected; −1 stands for any.</param>
    public WeightShapeException(string name, ImmutableArray<long> given, ImmutableArray<long> expected)
        : base($"Tensor \"{PickleText.Shorten(name)}\" has the shape {TensorShape.Text(given.AsSpan())}, but {TensorShape.Text(expected.AsSpan())} is expected{(expected.Contains(-1) ? " (-1 stands for any size)" : "")}. The weights are of another network, or of another size of it.")
    {
        Name = name;
        Given = given;
        Expected = expected;
    }

    /// <summary>The tensor's full name.</summary>
    public string Name { get; }

    /// <summary>The tensor's dimensions.</summary>
    public ImmutableArray<long> Given { get; }

    /// <summary>The dimensions expected; −1 stands for any.</summary>
    public ImmutableArray<long> Expected { get; }
}

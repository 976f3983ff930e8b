using Trt.Utils;

namespace Trt.Lite;

/// <summary>Makes an input's values of samples. Take one of <see cref="Pre"/>, or make one of a function with <c>Pre.From</c>. Immutable, and used by several threads at once.</summary>
public abstract class Preprocessor
{
    private protected Preprocessor()
    {
    }

    /// <summary>Whether a sample is of a kind that it works on.</summary>
    internal abstract bool Accepts(object sample);

    /// <summary>Does everything but the writing into the tensor, which needs memory whose size is known only then.</summary>
    internal abstract PreparedInput Prepare(object sample, InputInfo input);

    /// <summary>What a kernel is told to do the same; null where none can.</summary>
    internal virtual ImageTransformOptions? TransformFor(InputInfo input) => null;

    /// <summary>Does what is left to do before a kernel makes the values.</summary>
    internal virtual PreparedInput PrepareForTransform(object sample, InputInfo input, ImageTransformOptions transform) => Prepare(sample, input);
}

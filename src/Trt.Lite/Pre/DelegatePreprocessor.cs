using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Lite;

internal sealed class DelegatePreprocessor<TSample, TElement>(TensorFiller<TSample, TElement> fill, Func<TSample, Dims>? shape) : Preprocessor
    where TSample : notnull
    where TElement : unmanaged
{
    internal override bool Accepts(object sample) => sample is TSample;

    internal override PreparedInput Prepare(object sample, InputInfo input)
    {
        ElementKind kind = Elements.KindOf(input.Type);
        ElementKind given = Elements.KindOf(typeof(TElement));
        if (given != kind && !(kind == ElementKind.BFloat16 && given == ElementKind.UInt16) && !(kind == ElementKind.Bits && given == ElementKind.UInt8))
        {
            throw new ArgumentException($"Input \"{input.Name}\" has elements of type {Elements.NameOf(kind)}, but its pre-processor writes {typeof(TElement).Name}.");
        }

        Dims wanted = shape?.Invoke((TSample)sample) ?? input.SampleShape;
        if (!wanted.IsStatic)
        {
            throw new ArgumentException($"Input \"{input.Name}\" of shape {Shapes.Text(wanted)} (without batch) leaves extents open: give its pre-processor a function for the shape.");
        }

        if (!Shapes.Fits(wanted, input.SampleShape))
        {
            throw new ArgumentException($"The pre-processor of input \"{input.Name}\" says the shape {Shapes.Text(wanted)}; expected {Shapes.Text(input.SampleShape)}.");
        }

        return new Prepared(fill, (TSample)sample) { Shape = wanted };
    }

    private sealed class Prepared(TensorFiller<TSample, TElement> fill, TSample sample) : PreparedInput
    {
        public override void Write(Span<byte> target) => fill(sample, MemoryMarshal.Cast<byte, TElement>(target));
    }
}

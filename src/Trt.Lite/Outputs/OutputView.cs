using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>One output of one sample, seen where the run left it.</summary>
/// <remarks>Valid during the call that it is given to.</remarks>
public readonly ref struct OutputView
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly RunOutputs? run;
    private readonly int output;
    private readonly int start;
    private readonly bool isAfterSoftmax;

    /// <summary>A view of values that come from elsewhere.</summary>
    /// <param name="values">The values, last axis fastest.</param>
    /// <param name="shape">Their shape, without batch.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public OutputView(ReadOnlySpan<float> values, Dims shape, string name = "output")
    {
        if (values.Length != shape.Volume)
        {
            throw new ArgumentException($"{values.Length} values do not fill the shape {Shapes.Text(shape)}.", nameof(values));
        }

        Name = name;
        Type = DataType.Float;
        Shape = shape;
        bytes = MemoryMarshal.AsBytes(values);
    }

    /// <param name="run">What the run has left.</param>
    /// <param name="output">Which output.</param>
    /// <param name="shape">Of the values that are seen.</param>
    /// <param name="bytes">The values.</param>
    /// <param name="start">The place of the first value in the whole output.</param>
    internal OutputView(RunOutputs run, int output, Dims shape, ReadOnlySpan<byte> bytes, int start)
    {
        Name = run.NameOf(output);
        Type = run.TypeOf(output);
        Shape = shape;
        this.bytes = bytes;
        this.run = run;
        this.output = output;
        this.start = start;
    }

    private OutputView(OutputView before)
    {
        this = before;
        isAfterSoftmax = true;
    }

    /// <summary>The output's name.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DataType Type { get; }

    /// <summary>The shape without batch.</summary>
    public Dims Shape { get; }

    /// <summary>The values as single precision: as they are, or converted where the output has another type (64-bit integers lose their lower bits beyond 2^24).</summary>
    /// <exception cref="NotSupportedException">The type has no such values.</exception>
    public ReadOnlySpan<float> Floats => Type == DataType.Float ? MemoryMarshal.Cast<byte, float>(bytes) : run!.Floats(output).Slice(start, checked((int)Shape.Volume));

    /// <summary>The values as they are.</summary>
    /// <typeparam name="T">The element type; ushort for the bits of bfloat16, byte for the bits of types without a .NET type.</typeparam>
    /// <exception cref="ArgumentException">The elements are of another type; the message says which.</exception>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged
    {
        ElementKind kind = Elements.KindOf(Type);
        ElementKind wanted = Elements.KindOf(typeof(T));
        bool fits = kind == wanted || (kind == ElementKind.BFloat16 && wanted == ElementKind.UInt16) || (kind == ElementKind.Bits && wanted == ElementKind.UInt8);
        return fits
            ? MemoryMarshal.Cast<byte, T>(bytes)
            : throw new ArgumentException($"Output \"{Name}\" has elements of type {Elements.NameOf(kind)}, not {typeof(T).Name}.");
    }

    /// <summary>Whether the values are the best classes of the model's scores, which a kernel has found.</summary>
    internal bool IsBest => run?.IsBest(output) == true;

    /// <summary>Whether a kernel has taken softmax of the model's scores, which is this step's work.</summary>
    internal bool HasSoftmax => !isAfterSoftmax && run?.HasSoftmax(output) == true;

    /// <summary>Whether the values are the greatest of the model's scores in falling order, which a kernel has found.</summary>
    internal bool IsTop => run?.IsTop(output) == true;

    /// <summary>Of the greatest scores their places in the sample.</summary>
    internal ReadOnlySpan<int> TopPlaces => run!.TopPlaces(output).Slice(start, checked((int)Shape.Volume));

    /// <summary>The same for the step after softmax.</summary>
    internal OutputView AfterSoftmax() => new(this);

    /// <summary>The values' bytes.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes;
}

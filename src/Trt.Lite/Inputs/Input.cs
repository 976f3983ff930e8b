using System.Collections;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>What an input is given: numbers in whatever holds them, a picture, memory of the device, or a list of these.</summary>
/// <remarks>
/// Arrays of any rank, pictures, single numbers and memory of the device become one by themselves, and so does a list in brackets; <see cref="Of(object)"/> takes everything else. Arrays without a shape of
/// their own (memory, spans) are read in the model's. Numbers are read when the engine runs and not copied before; they must not change until then.
/// </remarks>
[CollectionBuilder(typeof(Input), nameof(List))]
public sealed class Input : IEnumerable<Input>
{
    private Input(object item) => Item = item;

    /// <summary>What was given; an array of inputs for a list.</summary>
    internal object Item { get; }

    /// <summary>Anything that an input can be given: see <see cref="Engine.Infer{TResult}(Input)"/>.</summary>
    /// <param name="sample">A sample, a batch, or a list of either.</param>
    public static Input Of(object sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample as Input ?? new Input(sample);
    }

    /// <summary>Numbers in memory.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="values">The numbers, last axis fastest.</param>
    /// <param name="shape">Their shape, with or without batch; null: the model's, for as many samples as they are enough for.</param>
    /// <exception cref="ArgumentException">The shape has another number of elements.</exception>
    public static Input Of<T>(ReadOnlyMemory<T> values, Dims? shape = null)
        where T : unmanaged
    {
        if (Elements.KindOf(typeof(T)) == ElementKind.None)
        {
            throw new ArgumentException($"{typeof(T).Name} is no element type of a tensor.");
        }

        return shape is not { } given || given.Volume == values.Length
            ? new Input(InputValues.Of(values, shape))
            : throw new ArgumentException($"{values.Length} values do not fill the shape {Shapes.Text(given)}.", nameof(values));
    }

    /// <summary>A tensor's numbers; views are resolved now.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <param name="tensor">The tensor.</param>
    public static Input Of<T>(Tensor<T> tensor)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new Input(InputValues.Of(tensor));
    }

    /// <summary>Memory of the device, which runs use as it is.</summary>
    /// <param name="memory">The memory; the user's, and not to be touched until the call is over.</param>
    /// <param name="shape">The shape with or without batch; null: the model's, for as many samples as there are elements for.</param>
    public static Input Of(DeviceMemory memory, Dims? shape = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return new Input(DeviceValues.Of(memory, shape));
    }

    /// <summary>A list of samples, or of batches.</summary>
    /// <param name="items">The items in order.</param>
    public static Input List(params ReadOnlySpan<Input> items) => new(items.ToArray());

    /// <summary>An array of any rank: a sample, a batch, or with arrays or pictures in it a list of these.</summary>
    /// <param name="array">The array.</param>
    public static implicit operator Input(Array array) => Of(array);

    /// <summary>A picture.</summary>
    /// <param name="image">The picture.</param>
    public static implicit operator Input(Image image) => Of(image);

    /// <summary>Memory of the device.</summary>
    /// <param name="memory">The memory.</param>
    public static implicit operator Input(DeviceMemory memory) => Of(memory);

    /// <summary>The path of a picture, or a text for a pre-processor that takes texts.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator Input(string text) => Of(text);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(float value) => Of(value);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(double value) => Of(value);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(Half value) => Of(value);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(long value) => Of(value);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(int value) => Of(value);

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Input(byte value) => Of(value);

    /// <summary>A single truth value.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator Input(bool value) => Of(value);

    /// <summary>Numbers in memory.</summary>
    /// <param name="values">The numbers, last axis fastest.</param>
    public static implicit operator Input(ReadOnlyMemory<float> values) => Of(values);

    /// <summary>Numbers in memory.</summary>
    /// <param name="values">The numbers, last axis fastest.</param>
    public static implicit operator Input(Memory<float> values) => Of((ReadOnlyMemory<float>)values);

    /// <summary>Bytes in memory: numbers, or a picture's file for a pre-processor that decodes.</summary>
    /// <param name="values">The bytes.</param>
    public static implicit operator Input(ReadOnlyMemory<byte> values) => Of((object)values);

    /// <summary>The items of a list; one, itself, for everything else.</summary>
    public IEnumerator<Input> GetEnumerator() => Item is Input[] items ? ((IEnumerable<Input>)items).GetEnumerator() : ((IEnumerable<Input>)[this]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

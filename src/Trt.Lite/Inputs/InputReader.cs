using System.Collections;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Finds out what was given for an input: samples, batches, or lists of these.</summary>
/// <param name="input">The input.</param>
/// <param name="preprocessor">What was registered for it, or null.</param>
/// <param name="transform">What a kernel is told to make pictures tensors; null: the CPU does.</param>
internal sealed class InputReader(InputInfo input, Preprocessor? preprocessor, ImageTransformOptions? transform = null)
{
    /// <summary>What a kernel is told to make pictures tensors; null: the CPU does.</summary>
    public ImageTransformOptions? Transform => transform;

    /// <summary>Reads what was given.</summary>
    /// <exception cref="ArgumentException">It is of a kind that the input cannot be given, or of a wrong shape; the message names input, given and expected.</exception>
    public GivenInput Read(object given)
    {
        object item = given is Input wrapped ? wrapped.Item : given;
        if (TryReadOne(item, out object? read, out int? batch))
        {
            return batch is { } size ? OfBatch(read, size) : new GivenInput(GivenForm.OneSample, [read], []);
        }

        return IsList(item) ? ReadList((IEnumerable)item) : throw Unknown(item);
    }

    /// <summary>Prepares one sample.</summary>
    public PreparedInput Prepare(object item, int index, bool convert) => item is ValuesItem values ? values.Prepare(index, input, convert)
        : transform is not null ? (preprocessor ?? Pre.Decode).PrepareForTransform(item, input, transform)
        : (preprocessor ?? Pre.Decode).Prepare(item, input);

    private static GivenInput OfBatch(object item, int size)
    {
        object[] items = new object[size];
        int[] indexes = new int[size];
        for (int i = 0; i < size; i++)
        {
            (items[i], indexes[i]) = (item, i);
        }

        return new GivenInput(new GivenForm(GivenKind.Batch, [size]), items, indexes);
    }

    /// <summary>Reads a list of samples, or of batches; a list in the list is a batch.</summary>
    private GivenInput ReadList(IEnumerable list)
    {
        List<object> items = [];
        List<int> indexes = [];
        List<int> sizes = [];
        bool? areBatches = null;
        foreach (object? element in list)
        {
            object item = ItemOf(element, sizes.Count);
            int? batch = ReadItem(item, sizes.Count, items, indexes);
            if (areBatches == batch is null)
            {
                throw new ArgumentException($"Input \"{input.Name}\" is given a list in which {(batch is null ? "batches come first" : "samples come first")}, but {sizes.Count} is a {(batch is null ? "sample" : "batch")}: give samples or batches.");
            }

            areBatches = batch is not null;
            sizes.Add(batch ?? 1);
        }

        GivenForm form = new(areBatches == true ? GivenKind.Batches : GivenKind.Samples, [.. sizes]);
        return new GivenInput(form, [.. items], areBatches == true ? [.. indexes] : []);
    }

    private object ItemOf(object? element, int place) => element switch
    {
        null => throw new ArgumentException($"Input \"{input.Name}\": sample {place} is null."),
        Input wrapped => wrapped.Item,
        IDictionary named when InputSet.Only(named, input.Name) is { } value => value is Input wrapped ? wrapped.Item : value,
        _ => element,
    };

    /// <summary>Adds what an element of a list holds.</summary>
    /// <returns>The number of samples of a batch; null: it is one sample.</returns>
    private int? ReadItem(object item, int place, List<object> items, List<int> indexes)
    {
        try
        {
            if (TryReadOne(item, out object read, out int? batch))
            {
                for (int i = 0; i < (batch ?? 1); i++)
                {
                    items.Add(read);
                    indexes.Add(i);
                }

                return batch;
            }

            if (!IsList(item))
            {
                throw Unknown(item);
            }

            int before = items.Count;
            foreach (object? element in (IEnumerable)item)
            {
                if (!TryReadOne(ItemOf(element, items.Count - before), out read, out batch) || batch is not null)
                {
                    throw new ArgumentException($"Input \"{input.Name}\" is given a list in a list, which is a batch and holds samples, but its item {items.Count - before} is none: give {input.Expected}.");
                }

                items.Add(read);
                indexes.Add(0);
            }

            return items.Count - before;
        }
        catch (ArgumentException error)
        {
            throw new SampleException(place, SampleException.NameOf(item), error);
        }
    }

    /// <summary>Whether it is a list of something else than numbers.</summary>
    private static bool IsList(object item) => item is IEnumerable and not IDictionary && !(item is Array array && array.GetType().GetElementType() is { } element && (element.IsPrimitive || element == typeof(decimal) || element.IsEnum));

    /// <summary>Reads a sample or a batch.</summary>
    /// <param name="item">What was given.</param>
    /// <param name="read">An item of <see cref="GivenInput"/>.</param>
    /// <param name="batch">The number of samples of a batch; null: it is one sample.</param>
    private bool TryReadOne(object item, out object read, out int? batch)
    {
        batch = null;
        read = item;
        if (preprocessor?.Accepts(item) == true || item is Image or string)
        {
            return preprocessor is null || preprocessor.Accepts(item) ? true : throw Unknown(item);
        }

        if (item is DeviceMemory memory)
        {
            item = DeviceValues.Of(memory, null);
        }

        if (item is DeviceValues device)
        {
            (Dims shape, batch) = Classify(device.Shape, device.Count);
            ElementKind kind = Elements.KindOf(input.Type);
            if (device.Kind != kind && !(device.Kind == ElementKind.UInt16 && kind == ElementKind.BFloat16) && !(device.Kind == ElementKind.UInt8 && kind == ElementKind.Bits) && device.Kind != ElementKind.None)
            {
                throw new ArgumentException($"Input \"{input.Name}\" takes {Elements.NameOf(kind)}; device memory of {Elements.NameOf(device.Kind)} is not converted.");
            }

            read = new DeviceItem(device, input.HasBatch ? Shapes.With(batch ?? 1, shape) : shape);
            return true;
        }

        if ((item as InputValues ?? (item is Input[] ? null : InputValues.TryRead(item))) is { } values)
        {
            InputConversion.CheckPossible(values.Kind, Elements.KindOf(input.Type), input);
            (Dims shape, batch) = Classify(values.Shape, values.Count);
            read = new ValuesItem(values, shape);
            return true;
        }

        return false;
    }

    /// <summary>Whether numbers are one sample or a batch, and the shape of a sample.</summary>
    private (Dims SampleShape, int? Batch) Classify(Dims? given, long count)
    {
        Dims sample = input.SampleShape;
        if (given is { } shape)
        {
            if (Shapes.Fits(shape, sample))
            {
                return (shape, null);
            }

            if (input.HasBatch && shape.NbDims == sample.NbDims + 1 && Shapes.Fits(Shapes.WithoutFirst(shape), sample))
            {
                return (Shapes.WithoutFirst(shape), checked((int)shape[0]));
            }

            // An array of one axis is numbers in the model's order, and so is a single number.
            bool isFlat = (shape.NbDims == 1 && sample.NbDims != 1) || (shape.NbDims == 0 && sample.IsStatic && sample.Volume == 1);
            if (!isFlat)
            {
                throw new ArgumentException($"Input \"{input.Name}\" is given {Shapes.Text(shape)}; expected {input.Expected}.");
            }
        }

        return Flat(sample, count);
    }

    /// <summary>Numbers in order, without a shape.</summary>
    private (Dims SampleShape, int? Batch) Flat(Dims sample, long count)
    {
        int open = -1;
        long known = 1;
        for (int axis = 0; axis < sample.NbDims; axis++)
        {
            if (sample[axis] >= 0)
            {
                known *= sample[axis];
            }
            else
            {
                open = open == -1 ? axis : -2;
            }
        }

        if (open == -1 && count == known)
        {
            return (sample, null);
        }

        if (open == -1 && input.HasBatch && known > 0 && count > 0 && count % known == 0)
        {
            return (sample, checked((int)(count / known)));
        }

        if (open >= 0 && known > 0 && count % known == 0)
        {
            sample[open] = count / known;
            return (sample, null);
        }

        throw new ArgumentException($"Input \"{input.Name}\" is given {(count < 0 ? "memory of unknown length" : $"{count} values without a shape")}; expected {input.Expected}.");
    }

    private ArgumentException Unknown(object item) => preprocessor is null
        ? new ArgumentException($"Input \"{input.Name}\" is given {NameOf(item)}, which is neither numbers, a picture nor device memory: register a pre-processor for it (Pre.From), or give {input.Expected}.")
        : new ArgumentException($"Input \"{input.Name}\" is given {NameOf(item)}, which is nothing that its pre-processor works on.");

    private static string NameOf(object item) => item is Input[] ? "a list" : OutputCollector.NameOf(item.GetType());
}

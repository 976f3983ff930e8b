using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Makes batches of one size of what a source gives: items are stacked, batches of another size are divided and joined.</summary>
/// <remarks>
/// TensorRT calibrates with one shape. The batch size is the network's where that is fixed, else the source's, else the first batch's; what does not fill a
/// last batch is dropped. Every value is checked. Not thread-safe.
/// </remarks>
internal sealed class CalibrationFeed : IDisposable
{
    private readonly CalibrationSource source;
    private readonly CalibrationInput[] inputs;
    private readonly IEnumerator<CalibrationSample> samples;
    private readonly CancellationToken cancellation;
    private readonly byte[][] batch;
    private readonly Dims[] shapes;
    private readonly bool isDivisible;
    private CalibrationSample sample;
    private long taken;
    private bool isSpent;
    private bool isEnded;
    private bool isRead;

    private CalibrationFeed(CalibrationSource source, CalibrationInput[] inputs, CancellationToken cancellation)
    {
        this.source = source;
        this.inputs = inputs;
        this.cancellation = cancellation;
        samples = source.Read(inputs, cancellation).GetEnumerator();
        try
        {
            if (!Advance())
            {
                throw new InvalidDataException($"The calibration set is empty. Give it {(source.IsItems ? "items" : "batches")} that are like what the network will see.");
            }

            CalibrationTensor[] first = [.. inputs.Select(TensorOf)];
            isDivisible = source.IsItems || first.All(tensor => tensor.Shape.NbDims > 0 && tensor.Shape[0] == first[0].Shape[0]);
            BatchSize = isDivisible ? Size(first) : 1;
            shapes = [.. first.Select(ShapeOf)];
            CheckShapes();
            batch = Array.ConvertAll(shapes, _ => Array.Empty<byte>());
            for (int i = 0; i < batch.Length; i++)
            {
                batch[i] = new byte[checked(shapes[i].Volume * CalibrationElements.Size(inputs[i].Type))];
            }

            isRead = Fill(isFirst: true);
        }
        catch
        {
            samples.Dispose();
            throw;
        }
    }

    /// <summary>How many items a batch holds; 1 where batches have no common batch axis.</summary>
    public int BatchSize { get; private set; }

    /// <summary>The shape of a batch, by input.</summary>
    public IReadOnlyList<Dims> Shapes => shapes;

    /// <summary>The elements of the present batch, by input, in the input's type; overwritten by <see cref="Next"/>.</summary>
    public IReadOnlyList<byte[]> Batch => batch;

    /// <summary>How many batches were given.</summary>
    public int Batches { get; private set; }

    /// <summary>How many items at the end did not fill a batch.</summary>
    public long Dropped { get; private set; }

    /// <summary>Begins to read; the first batch is there at once, and <see cref="Next"/> must be called to take it.</summary>
    /// <exception cref="InvalidDataException">The set is empty, or its first batch does not fit the network; the message names the item.</exception>
    public static CalibrationFeed Open(CalibrationSource source, CalibrationInput[] inputs, CancellationToken cancellation) => new(source, inputs, cancellation);

    /// <summary>Goes to the next batch.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="InvalidDataException">An item does not fit the network or is not finite; the message names it.</exception>
    public bool Next()
    {
        cancellation.ThrowIfCancellationRequested();
        if (!isRead && !Fill(isFirst: false))
        {
            return false;
        }

        isRead = false;
        Batches++;
        return true;
    }

    public void Dispose() => samples.Dispose();

    private int Size(CalibrationTensor[] first)
    {
        CalibrationInput[] fixedInputs = [.. inputs.Where(input => input.Shape.NbDims > 0 && input.Shape[0] >= 0)];
        if (fixedInputs.FirstOrDefault(input => input.Shape[0] != fixedInputs[0].Shape[0]) is { Name: not null } other)
        {
            throw new InvalidDataException(
                $"Items cannot be stacked for inputs {fixedInputs[0].Name} of shape {fixedInputs[0].Shape} and {other.Name} of shape {other.Shape}, which differ in their first extent. Use {nameof(Int8Calibration.FromBatches)} with whole batches.");
        }

        return fixedInputs.Length > 0 ? checked((int)fixedInputs[0].Shape[0])
            : source.BatchSize > 0 ? source.BatchSize
            : checked((int)first[0].Shape[0]);
    }

    private Dims ShapeOf(CalibrationTensor tensor) => !isDivisible ? tensor.Shape
        : !source.IsItems ? new Dims([BatchSize, .. tensor.Shape.AsSpan()[1..]])
        : tensor.Shape.NbDims < Dims.MaxDims ? new Dims([BatchSize, .. (source.MaxItemShape ?? tensor.Shape)])
        : throw new InvalidDataException($"The calibration set's {sample.Label} has shape {tensor.Shape}; with a batch axis it would have more than {Dims.MaxDims}.");

    private void CheckShapes()
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            CalibrationInput input = inputs[i];
            if (!input.Takes(shapes[i]))
            {
                throw new InvalidDataException(
                    $"The calibration set's {sample.Label} makes batches of shape {shapes[i]} for input \"{input.Name}\", which has shape {input.Shape}. {(source.IsItems ? "Items are given without their batch axis" : "Batches are given with their batch axis")}.");
            }

            if (shapes[i].Volume == 0)
            {
                throw new InvalidDataException($"The calibration set's {sample.Label} is empty: its shape for input \"{input.Name}\" is {TensorOf(input).Shape}.");
            }
        }
    }

    private bool Fill(bool isFirst)
    {
        int filled = 0;
        while (filled < BatchSize && (!isSpent || Advance()))
        {
            long rows = RowsOf(out CalibrationTensor[] tensors);
            int count = (int)Math.Min(rows - taken, BatchSize - filled);
            for (int i = 0; i < inputs.Length; i++)
            {
                Copy(i, tensors[i], filled, count);
            }

            filled += count;
            taken += count;
            isSpent = taken == rows;
        }

        if (filled == BatchSize)
        {
            return true;
        }

        if (isFirst)
        {
            Shrink(filled);
            return true;
        }

        Dropped = filled;
        return false;
    }

    /// <summary>A set that is smaller than a batch is one batch, where the network leaves the batch open.</summary>
    private void Shrink(int filled)
    {
        if (inputs.FirstOrDefault(input => input.Shape[0] >= 0) is { Name: not null } input)
        {
            throw new InvalidDataException($"The calibration set holds {filled} items, but input \"{input.Name}\" of shape {input.Shape} takes {BatchSize} at a time. Add items, or build the network with a smaller or an open batch.");
        }

        BatchSize = filled;
        for (int i = 0; i < batch.Length; i++)
        {
            shapes[i] = new Dims([filled, .. shapes[i].AsSpan()[1..]]);
            Array.Resize(ref batch[i], (int)(shapes[i].Volume * CalibrationElements.Size(inputs[i].Type)));
        }
    }

    /// <summary>The present sample's tensors, checked, and how many items they hold.</summary>
    private long RowsOf(out CalibrationTensor[] tensors)
    {
        tensors = [.. inputs.Select(TensorOf)];
        long rows = source.IsItems || !isDivisible ? 1 : tensors[0].Shape.NbDims > 0 ? tensors[0].Shape[0] : 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            Dims shape = tensors[i].Shape;
            ReadOnlySpan<long> wanted = isDivisible ? shapes[i].AsSpan()[1..] : shapes[i].AsSpan();
            ReadOnlySpan<long> given = source.IsItems || !isDivisible ? shape.AsSpan() : shape.NbDims > 0 ? shape.AsSpan()[1..] : [];
            bool fits = source.MaxItemShape is null ? given.SequenceEqual(wanted) : IsWithin(given, wanted);
            if (!fits || (isDivisible && !source.IsItems && (rows < 1 || shape[0] != rows)))
            {
                throw new InvalidDataException(
                    $"The calibration set's {sample.Label} has shape {shape} for input \"{inputs[i].Name}\", but {(source.IsItems || !isDivisible ? new Dims(wanted).ToString() : $"[{(i == 0 ? "any" : rows)}{string.Concat(wanted.ToArray().Select(extent => $", {extent}"))}]")} is expected{(source.MaxItemShape is null ? ", as TensorRT calibrates with one shape" : " at most")}.");
            }
        }

        return rows;
    }

    private static bool IsWithin(ReadOnlySpan<long> given, ReadOnlySpan<long> greatest)
    {
        bool fits = given.Length == greatest.Length;
        for (int axis = 0; fits && axis < given.Length; axis++)
        {
            fits = given[axis] <= greatest[axis];
        }

        return fits;
    }

    private CalibrationTensor TensorOf(CalibrationInput input)
    {
        if (sample.Tensors.Keys.FirstOrDefault(name => name != CalibrationSample.OnlyInput && !inputs.Any(known => known.Name == name)) is { } unknown)
        {
            throw new InvalidDataException($"The calibration set's {sample.Label} has a tensor \"{unknown}\", but the network's inputs are {Names()}.");
        }

        if (!sample.Tensors.TryGetValue(input.Name, out CalibrationTensor? tensor)
            && !(inputs.Length == 1 && sample.Tensors.TryGetValue(CalibrationSample.OnlyInput, out tensor)))
        {
            throw new InvalidDataException($"The calibration set's {sample.Label} has no tensor for input \"{input.Name}\". The network's inputs are {Names()}; {(inputs.Length == 1 ? "name the tensor so" : "give a dictionary with a tensor for each")}.");
        }

        return CalibrationElements.CanConvert(tensor.Type, input.Type) ? tensor
            : throw new InvalidDataException($"The calibration set's {sample.Label} has elements of type {tensor.Type} for input \"{input.Name}\", which takes {input.Type}.");

        string Names() => string.Join(", ", inputs.Select(known => $"\"{known.Name}\""));
    }

    /// <summary>Copies items of a tensor into the batch.</summary>
    private void Copy(int index, CalibrationTensor tensor, int to, int count)
    {
        CalibrationInput input = inputs[index];
        int size = CalibrationElements.Size(input.Type);
        Span<byte> target = batch[index];
        ReadOnlySpan<byte> bytes = tensor.Bytes;
        long start = 0;
        bool isPadded = false;
        if (isDivisible)
        {
            int row = batch[index].Length / BatchSize;
            target = target.Slice(to * row, count * row);
            isPadded = source.IsItems && !tensor.Shape.AsSpan().SequenceEqual(shapes[index].AsSpan()[1..]);
            if (!isPadded)
            {
                int elements = row / size;
                start = taken * elements;
                bytes = bytes.Slice(checked((int)start) * CalibrationElements.Size(tensor.Type), count * elements * CalibrationElements.Size(tensor.Type));
            }
        }

        byte[] unpadded = isPadded ? new byte[tensor.Shape.Volume * size] : [];
        int wrong;
        try
        {
            wrong = CalibrationElements.Copy(bytes, tensor.Type, isPadded ? unpadded : target, input.Type);
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"The calibration set's {sample.Label} has a number for input \"{input.Name}\" that {input.Type} cannot hold.");
        }

        if (wrong >= 0)
        {
            throw new InvalidDataException(
                $"The calibration set's {sample.Label} has a value for input \"{input.Name}\" that is not a finite number{(tensor.Type == input.Type ? string.Empty : $" as {input.Type}")}, at {Place(start + wrong, tensor.Shape)}.");
        }

        if (isPadded)
        {
            Pad(unpadded, tensor.Shape, target, new Dims(shapes[index].AsSpan()[1..]), size);
        }
    }

    /// <summary>Puts a small tensor into the corner of a greater one of zeros.</summary>
    private static void Pad(ReadOnlySpan<byte> small, Dims from, Span<byte> great, Dims to, int size)
    {
        great.Clear();
        if (small.IsEmpty)
        {
            return;
        }

        int line = (int)from[from.NbDims - 1] * size;
        Span<long> place = stackalloc long[Dims.MaxDims];
        for (int offset = 0; offset < small.Length; offset += line)
        {
            long target = 0;
            for (int axis = 0; axis < from.NbDims; axis++)
            {
                target = (target * to[axis]) + place[axis];
            }

            small.Slice(offset, line).CopyTo(great[(int)(target * size)..]);
            for (int axis = from.NbDims - 2; axis >= 0 && ++place[axis] == from[axis]; axis--)
            {
                place[axis] = 0;
            }
        }
    }

    private static string Place(long element, Dims shape)
    {
        long[] place = new long[shape.NbDims];
        for (int axis = shape.NbDims - 1; axis >= 0; axis--)
        {
            (element, place[axis]) = Math.DivRem(element, shape[axis]);
        }

        return string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", place)}]");
    }

    private bool Advance()
    {
        cancellation.ThrowIfCancellationRequested();
        if (isEnded || !samples.MoveNext())
        {
            isEnded = true;
            return false;
        }

        (sample, taken, isSpent) = (samples.Current, 0, false);
        return true;
    }
}

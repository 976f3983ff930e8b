using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Lite;

/// <summary>What a run has left on the host, until the next run.</summary>
internal sealed unsafe class RunOutputs(string[] names, DataType[] types, bool[] hasBatch)
{
    private readonly Entry[] entries = new Entry[names.Length];

    public int Count => names.Length;

    public string NameOf(int output) => names[output];

    public DataType TypeOf(int output) => entries[output].IsBest ? DataType.Int32 : types[output];

    /// <summary>Whether the values are the best classes of scores, found on the device.</summary>
    public bool IsBest(int output) => entries[output].IsBest;

    /// <summary>Whether softmax was taken of the values on the device.</summary>
    public bool HasSoftmax(int output) => entries[output].HasSoftmax;

    /// <summary>Whether the values are the greatest scores of each sample, found on the device.</summary>
    public bool IsTop(int output) => entries[output].Places is not null;

    /// <summary>The places of the greatest scores of all samples.</summary>
    public ReadOnlySpan<int> TopPlaces(int output) => new(entries[output].Places, entries[output].Bytes / sizeof(float));

    /// <summary>The boxes that were made of an output and others, in the place of all of them.</summary>
    public DetectionMemory? DetectionsOf(int output) => entries[output].Detections;

    /// <summary>Tells which boxes were made of an output and others.</summary>
    public void SetDetections(int output, DetectionMemory detections) => entries[output].Detections = detections;

    /// <summary>Tells where the best classes of an output's scores are, of which it has one along an axis.</summary>
    public void SetBest(int output, in Dims shape, ReadOnlySpan<byte> values)
    {
        entries[output].IsBest = true;
        Place(output, shape, values);
    }

    /// <summary>Tells where the greatest scores of each sample are.</summary>
    public void SetTop(int output, in Dims shape, ReadOnlySpan<byte> values, ReadOnlySpan<int> places)
    {
        Set(output, shape, values);
        entries[output].Places = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(places));
    }

    /// <summary>Tells whether softmax was taken on the device.</summary>
    public void SetSoftmax(int output, bool taken) => entries[output].HasSoftmax = taken;

    /// <summary>Tells where an output is.</summary>
    /// <param name="output">Its place in the model's order.</param>
    /// <param name="shape">With batch.</param>
    /// <param name="values">Stay where they are until the next run.</param>
    public void Set(int output, in Dims shape, ReadOnlySpan<byte> values)
    {
        entries[output].IsBest = false;
        Place(output, shape, values);
    }

    /// <summary>The values that belong to one sample.</summary>
    /// <param name="output">The output.</param>
    /// <param name="row">The sample's place in the batch; below 0: it was the whole run, and the shape stays as it is.</param>
    public OutputView View(int output, int row)
    {
        ref Entry entry = ref entries[output];
        ReadOnlySpan<byte> bytes = new(entry.Pointer, entry.Bytes);
        if (row < 0 || !hasBatch[output])
        {
            return new OutputView(this, output, entry.Shape, bytes, 0);
        }

        return new OutputView(this, output, entry.SampleShape, bytes.Slice(row * entry.SampleBytes, entry.SampleBytes), row * entry.SampleCount);
    }

    /// <summary>All values of an output that is not of single precision, converted once a run.</summary>
    /// <exception cref="NotSupportedException">The type has no such values.</exception>
    public ReadOnlySpan<float> Floats(int output)
    {
        ref Entry entry = ref entries[output];
        ElementKind kind = Elements.KindOf(TypeOf(output));
        int count = entry.Bytes / Elements.Size(kind);
        lock (entries)
        {
            if (!entry.IsWidened)
            {
                if (entry.Widened is null || entry.Widened.Length < count)
                {
                    entry.Widened = new float[count];
                }

                ElementCast.Convert(new ReadOnlySpan<byte>(entry.Pointer, entry.Bytes), kind, MemoryMarshal.AsBytes(entry.Widened.AsSpan(0, count)), ElementKind.Float);
                entry.IsWidened = true;
            }
        }

        return entry.Widened.AsSpan(0, count);
    }

    private void Place(int output, in Dims shape, ReadOnlySpan<byte> values)
    {
        ref Entry entry = ref entries[output];
        entry.Shape = shape;
        entry.Pointer = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values));
        entry.Bytes = values.Length;
        entry.IsWidened = false;
        entry.Detections = null;
        entry.Places = null;
        entry.HasSoftmax = false;
        if (hasBatch[output])
        {
            entry.SampleShape = Shapes.WithoutFirst(shape);
            entry.SampleCount = checked((int)entry.SampleShape.Volume);
            entry.SampleBytes = (int)Elements.Bytes(TypeOf(output), entry.SampleCount);
        }
    }

    private struct Entry
    {
        public Dims Shape;
        public Dims SampleShape;
        public int SampleCount;
        public int SampleBytes;
        public byte* Pointer;
        public int Bytes;
        public float[]? Widened;
        public bool IsWidened;
        public bool IsBest;
        public bool HasSoftmax;
        public int* Places;
        public DetectionMemory? Detections;
    }
}

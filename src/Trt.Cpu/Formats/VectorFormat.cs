using Trt.Interop;

namespace Trt.Cpu;

/// <summary>How the elements of an input or output lie in memory where that is not row by row: channels last, or in vectors of channels padded with zeros.</summary>
internal sealed class VectorFormat
{
    private static readonly VectorFormat[] All =
    [
        new(TensorFormat.CHW2, 2, 2, false, DataType.Half, DataType.BF16),
        new(TensorFormat.HWC8, 2, 8, true, DataType.Half, DataType.BF16),
        new(TensorFormat.CHW4, 2, 4, false, DataType.Int8, DataType.Half, DataType.BF16),
        new(TensorFormat.CHW16, 2, 16, false, DataType.Half),
        new(TensorFormat.CHW32, 2, 32, false, DataType.Int8, DataType.Float, DataType.Half),
        new(TensorFormat.DHWC8, 3, 8, true, DataType.Half, DataType.BF16),
        new(TensorFormat.CDHW32, 3, 32, false, DataType.Half, DataType.Int8),
        new(TensorFormat.HWC, 2, 1, true, DataType.Float, DataType.UInt8),
        new(TensorFormat.HWC16, 2, 16, true, DataType.Half, DataType.Int8),
        new(TensorFormat.DHWC, 3, 1, true, DataType.Float),
    ];

    private readonly int spatial;
    private readonly bool channelsLast;
    private readonly DataType[] types;

    private VectorFormat(TensorFormat format, int spatial, int width, bool channelsLast, params DataType[] types)
    {
        Format = format;
        Width = width;
        this.spatial = spatial;
        this.channelsLast = channelsLast;
        this.types = types;
    }

    public TensorFormat Format { get; }

    /// <summary>Elements in a vector.</summary>
    public int Width { get; }

    /// <summary>All formats but rows.</summary>
    public static IReadOnlyList<VectorFormat> Known => All;

    /// <summary>Whether channels come after the axes of space.</summary>
    public bool HasChannelsLast => channelsLast;

    /// <summary>The format of a name; null for rows.</summary>
    public static VectorFormat? Of(TensorFormat format) => All.FirstOrDefault(known => known.Format == format);

    /// <summary>The format of an input or output: rows where they are allowed, else the first allowed one that its type and shape can have.</summary>
    /// <exception cref="Refusal">No allowed format is possible.</exception>
    public static VectorFormat? Choose(CpuTensor tensor)
    {
        if (tensor.Formats.Contains(TensorFormat.Linear))
        {
            return null;
        }

        bool isInput = tensor.Producer is null;
        DataType type = isInput ? tensor.InputType : tensor.InferredType;
        Dims dims = isInput ? tensor.InputDims : Extents.Visible(tensor.Facts!.Dims);
        if (tensor.IsShapeTensor)
        {
            throw None(tensor, "a shape tensor can only be kLINEAR");
        }

        if (tensor.Formats.IsEmpty)
        {
            throw Refusal.Api($"No TensorFormats are allowed for tensor {tensor}.");
        }

        VectorFormat[] allowed = [.. All.Where(format => tensor.Formats.Contains(format.Format) && format.types.Contains(type))];
        if (allowed.Length == 0)
        {
            throw Refusal.Argument($"{tensor}: has dataType {Types.Name(type)} unsupported by tensor's allowed TensorFormats. They are {tensor.Formats}; formats of the DLA are for no type here.");
        }

        string reason = string.Empty;
        foreach (VectorFormat format in allowed)
        {
            string? obstacle = dims.NbDims <= format.spatial ? $"k{format.Format} needs at least {format.spatial + 1} dimensions, and the tensor has {dims.NbDims}"
                : !isInput && tensor.Facts!.Dims.Any(dim => dim.HasUnknown) ? "its shape depends on data"
                : format.Width > 1 && dims[format.Channel(dims.NbDims)] < 0 ? $"k{format.Format} needs a number of channels that is known when building"
                : null;
            if (obstacle is null)
            {
                return format;
            }

            reason = obstacle;
        }

        throw None(tensor, reason);
    }

    /// <summary>Whether tensors of a type with so many axes can have it.</summary>
    public bool Holds(DataType type, int rank) => types.Contains(type) && rank > spatial;

    /// <summary>The axis of channels of a tensor with so many axes.</summary>
    public int Channel(int rank) => rank - spatial - 1;

    /// <summary>Axes of the memory seen as rows.</summary>
    public int MemoryRank(int rank) => channelsLast ? rank : rank + 1;

    /// <summary>The memory seen as rows: channels moved to the end, or split into vectors whose elements come last.</summary>
    public void ToMemory(ReadOnlySpan<long> dims, Span<long> memory)
    {
        int channel = Channel(dims.Length);
        dims[..channel].CopyTo(memory);
        long padded = Padded(dims[channel]);
        if (channelsLast)
        {
            dims[(channel + 1)..].CopyTo(memory[channel..]);
            memory[^1] = padded;
        }
        else
        {
            memory[channel] = padded < 0 ? padded : padded / Width;
            dims[(channel + 1)..].CopyTo(memory[(channel + 1)..]);
            memory[^1] = Width;
        }
    }

    /// <summary>Steps from element to element of each axis, counted in vectors.</summary>
    public Dims Strides(Dims dims)
    {
        int channel = Channel(dims.NbDims);
        long vectors = Padded(dims[channel]) / Width;
        long stride = channelsLast ? Math.Max(vectors, 1) : 1;
        Dims result = dims;
        for (int axis = dims.NbDims - 1; axis > channel; axis--)
        {
            result[axis] = stride;
            stride *= Math.Max(dims[axis], 1);
        }

        result[channel] = channelsLast ? 1 : stride;
        stride = channelsLast ? stride : stride * Math.Max(vectors, 1);
        for (int axis = channel - 1; axis >= 0; axis--)
        {
            result[axis] = stride;
            stride *= Math.Max(dims[axis], 1);
        }

        return result;
    }

    /// <summary>Channels with those that fill the last vector.</summary>
    public long Padded(long channels) => channels < 0 ? channels : (channels + Width - 1) / Width * Width;

    /// <summary>Order of axes that brings channels next to the elements of their vectors, or to where a tensor has them.</summary>
    public long[] FromMemoryOrder(int rank)
    {
        int channel = Channel(rank);
        long[] order = new long[MemoryRank(rank)];
        for (int axis = 0; axis < order.Length; axis++)
        {
            order[axis] = axis;
        }

        // Channels last: [.., H, W, C] to [.., C, H, W]. Vectors: [.., C/v, H, W, v] to [.., C/v, v, H, W].
        int at = channelsLast ? channel : channel + 1;
        order[at] = order.Length - 1;
        for (int axis = at + 1; axis < order.Length; axis++)
        {
            order[axis] = axis - 1;
        }

        return order;
    }

    /// <summary>The way back.</summary>
    public long[] ToMemoryOrder(int rank)
    {
        long[] there = FromMemoryOrder(rank);
        long[] back = new long[there.Length];
        for (int axis = 0; axis < there.Length; axis++)
        {
            back[there[axis]] = axis;
        }

        return back;
    }

    private static Refusal None(CpuTensor tensor, string reason) => Refusal.Api($"No TensorFormats available for tensor {tensor}: {reason}.");

    /// <summary>Whether memory has one axis more than the tensor.</summary>
    public bool SplitsChannels => !channelsLast;

    /// <summary>TensorRT's words for the format.</summary>
    public string Describe(DataType type)
    {
        string name = Types.Short(type);
        string number = Width switch
        {
            2 => "Two",
            4 => "Four",
            8 => "Eight",
            16 => "Sixteen",
            _ => "Thirty-two",
        };
        return (channelsLast, Width) switch
        {
            (true, 1) => $"Non-vectorized channel-last {name} format{(spatial == 3 ? " with 3 spatial dimensions" : string.Empty)}",
            (true, _) => $"{number} channel {name} format (k{Format}) where C is padded to a multiple of {Width}{(spatial == 3 ? " and has 3 spatial dimensions" : string.Empty)}",
            _ => $"{number} wide channel vectorized row major {name} format (k{Format}){(spatial == 3 ? " with 3 spatial dimensions" : string.Empty)}",
        };
    }
}

using System.Text;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>An input or output of an engine, with what a run needs of it worked out.</summary>
internal sealed class EngineTensor
{
    public EngineTensor(PlanTensor tensor, int slot, int inputs)
    {
        Plan = tensor;
        Slot = slot;
        Utf8 = Encoding.UTF8.GetBytes(tensor.Name);
        Dims = new Dims(tensor.Dims);
        Bits = Types.Bits(tensor.Type);
        OrtType = Types.Onnx(tensor.Type);
        Extents = Array.ConvertAll(tensor.Expressions, text => DimExprText.Parse(text, inputs));
        Format = VectorFormat.Of(tensor.Format);
        IsDataDependent = Extents.Any(extent => extent.HasUnknown);
    }

    public PlanTensor Plan { get; }

    /// <summary>Place among the inputs, or among the outputs.</summary>
    public int Slot { get; }

    public byte[] Utf8 { get; }

    public Dims Dims { get; }

    /// <summary>Bits of an element; those of 4 lie two to a byte.</summary>
    public int Bits { get; }

    public OrtElementType OrtType { get; }

    /// <summary>How its memory is laid out where that is not row by row.</summary>
    public VectorFormat? Format { get; }

    /// <summary>Axes of its memory.</summary>
    public int MemoryRank => Format?.MemoryRank(Dims.NbDims) ?? Dims.NbDims;

    /// <summary>Elements that memory for a shape has, with those that fill vectors.</summary>
    public long MemoryVolume(Dims dims)
    {
        if (Format is null)
        {
            return dims.Volume;
        }

        long count = Format.Padded(dims[Format.Channel(dims.NbDims)]);
        for (int axis = 0; axis < dims.NbDims; axis++)
        {
            count *= axis == Format.Channel(dims.NbDims) ? 1 : dims[axis];
        }

        return count;
    }

    /// <summary>Bytes of so many elements.</summary>
    public long Bytes(long count) => (checked(count * Bits) + 7) / 8;

    public DimExpr[] Extents { get; }

    /// <summary>Whether only the run knows the shape.</summary>
    public bool IsDataDependent { get; }

    public string Name => Plan.Name;

    public DataType Type => Plan.Type;

    public bool IsInput => Plan.IsInput;

    public bool IsShape => Plan.IsShape;
}

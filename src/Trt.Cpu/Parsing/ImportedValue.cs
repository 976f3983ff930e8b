using Trt.Interop;

namespace Trt.Cpu.Parsing;

/// <summary>What a name of the ONNX graph stands for: a tensor of the network, or constant values that become a layer only when a tensor is needed.</summary>
internal sealed class ImportedValue
{
    public ImportedValue(ITensor tensor) => Tensor = tensor;

    public ImportedValue(ConstantValues constant) => Constant = constant;

    public ITensor? Tensor { get; }

    public ConstantValues? Constant { get; }

    public DataType Type => Constant?.Type ?? Tensor!.Type;

    /// <summary>Extents, -1 where only a run knows one.</summary>
    /// <exception cref="InvalidOperationException">The tensor cannot be shaped.</exception>
    public long[] Dims
    {
        get
        {
            if (Constant is not null)
            {
                return Constant.Dims;
            }

            Dims dims = Tensor!.Dimensions;
            return dims.NbDims >= 0
                ? dims.ToArray()
                : throw new InvalidOperationException($"Tensor {Tensor.Name} has no shape; the log says why.");
        }
    }

    public int Rank => Dims.Length;
}

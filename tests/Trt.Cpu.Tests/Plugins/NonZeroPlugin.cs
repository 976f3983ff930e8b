using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Where a matrix is not 0: a row of two indices for each, and how many there are. Only its run knows that.</summary>
internal sealed class NonZeroPlugin : PluginV3, IPluginCreatorV3One
{
    /// <summary>What it says instead of the count; −1 for the truth.</summary>
    public long Lie { get; init; } = -1;

    public override string PluginName => "RowsOfNonZero";

    public override string PluginVersion => "1";

    public override int NbOutputs => 2;

    public PluginFieldCollection? FieldNames => null;

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => Clone();

    public override IPluginV3? Clone() => new NonZeroPlugin { Lie = Lie };

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = DataType.Int32;
        outputTypes[1] = DataType.Int64;
        return 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        IDimensionExpr upper = exprBuilder.Operation(DimensionOperation.Prod, inputs[0][0], inputs[0][1])!;
        IDimensionExpr half = exprBuilder.Operation(DimensionOperation.FloorDiv, upper, exprBuilder.Constant(2)!)!;
        IDimensionExpr size = exprBuilder.DeclareSizeTensor(1, half, upper)!;
        if (!size.IsSizeTensor || size.IsConstant || size.ConstantValue != long.MinValue || upper.IsSizeTensor)
        {
            return 1;
        }

        outputs[0] = [size, exprBuilder.Constant(2)!];
        outputs[1] = [];
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs) =>
        inOut[pos].Desc.Format == TensorFormat.Linear && inOut[pos].Desc.Type == (pos == 0 ? DataType.Float : pos == 1 ? DataType.Int32 : DataType.Int64);

    public override int ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out) =>
        @out[0].Desc.Dims[0] == -1 && @out[0].Max[0] == @in[0].Max.Volume && @out[0].Opt[0] == @in[0].Opt.Volume / 2 && @out[0].Min[0] == 0 ? 0 : 2;

    public override unsafe int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        if (outputDesc[0].Dims[0] != -1)
        {
            return 3;
        }

        long columns = inputDesc[0].Dims[1];
        float* x = (float*)inputs[0];
        int* places = (int*)outputs[0];
        long count = 0;
        for (long i = 0; i < inputDesc[0].Dims.Volume; i++)
        {
            if (x[i] != 0)
            {
                places[2 * count] = (int)(i / columns);
                places[(2 * count) + 1] = (int)(i % columns);
                count++;
            }
        }

        *(long*)outputs[1] = Lie < 0 ? count : Lie;
        return 0;
    }
}

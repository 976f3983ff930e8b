using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>x again and again, in the shape that a shape input says.</summary>
internal sealed class RepeatPlugin : PluginV3, IPluginCreatorV3One
{
    public override string PluginName => "Repeat";

    public override string PluginVersion => "1";

    public override int NbOutputs => 1;

    public PluginFieldCollection? FieldNames => null;

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => Clone();

    public override IPluginV3? Clone() => new RepeatPlugin();

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = DataType.Float;
        return inputTypes.Length == 1 ? 0 : 1;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        // The second extent is one more than the shape input says, and 1 + 0 by comparisons that a run decides.
        IDimensionExpr one = exprBuilder.Constant(1)!;
        IDimensionExpr equal = exprBuilder.Operation(DimensionOperation.Equal, shapeInputs[0][1], shapeInputs[0][1])!;
        IDimensionExpr less = exprBuilder.Operation(DimensionOperation.Less, shapeInputs[0][0], one)!;
        IDimensionExpr second = exprBuilder.Operation(DimensionOperation.Sum, shapeInputs[0][1], equal)!;
        outputs[0] = [shapeInputs[0][0], exprBuilder.Operation(DimensionOperation.Sum, second, less)!];
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs) =>
        nbInputs == 1 && inOut[pos].Desc is { Format: TensorFormat.Linear, Type: DataType.Float };

    public override unsafe int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        for (long i = 0; i < outputDesc[0].Dims.Volume; i++)
        {
            ((float*)outputs[0])[i] = ((float*)inputs[0])[i % inputDesc[0].Dims.Volume];
        }

        return 0;
    }
}

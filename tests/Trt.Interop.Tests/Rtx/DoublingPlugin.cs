namespace Trt.Interop.Tests.Rtx;

/// <summary>A plugin in C# that answers for ONNX's NonZero: [a, b] becomes [a, 2 b]. Keeps what it was asked.</summary>
internal sealed class DoublingPlugin(DataType output, List<string> asked) : PluginV3, IDisposable
{
    public override string PluginName => DoublingCreator.Name;

    public override string PluginVersion => "1";

    public override int NbOutputs => 1;

    public override IPluginV3? Clone()
    {
        asked.Add("clone");
        return new DoublingPlugin(output, asked);
    }

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = output;
        return 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        IDimensionExpr last = inputs[0][1];
        IDimensionExpr two = exprBuilder.Constant(2)!;
        IDimensionExpr result = exprBuilder.Operation(DimensionOperation.Prod, last, two)!;
        asked.Add($"shapes last {last.IsConstant} {last.ConstantValue} two {two.IsConstant} {two.ConstantValue} result {result.IsConstant} {result.ConstantValue}");
        outputs[0] = [inputs[0][0], result];
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs)
    {
        asked.Add($"format {pos} {nbInputs} {nbOutputs} {inOut[pos].Desc.Type} {inOut[pos].Desc.Format} {inOut[pos].Desc.Dims}");
        return inOut[pos].Desc.Format == TensorFormat.Linear && inOut[pos].Desc.Type == (pos == 0 ? DataType.Float : output);
    }

    public override int ConfigurePlugin(ReadOnlySpan<DynamicPluginTensorDesc> @in, ReadOnlySpan<DynamicPluginTensorDesc> @out)
    {
        asked.Add($"configure {Text(@in[0])} {Text(@out[0])}");
        return 0;
    }

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) =>
        throw new NotSupportedException("This plugin is only built.");

    public void Dispose() => asked.Add("disposed");

    private static string Text(DynamicPluginTensorDesc tensor) => $"{tensor.Desc.Dims} {tensor.Min} {tensor.Max} {tensor.Opt}";
}

using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Adds 1 to its input, in the input's own memory where it may.</summary>
internal sealed class InPlacePlugin(CallLog log) : PluginV3, IPluginCreatorV3One
{
    public override string PluginName => "InPlace";

    public override string PluginVersion => "1";

    public override int NbOutputs => 1;

    public PluginFieldCollection? FieldNames => null;

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase) => Clone();

    public override IPluginV3? Clone() => new InPlacePlugin(log);

    public override int GetAliasedInput(int outputIndex)
    {
        log.Note("alias");
        return 0;
    }

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = inputTypes[0];
        return 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        outputs[0] = inputs[0];
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs) =>
        inOut[pos].Desc is { Format: TensorFormat.Linear, Type: DataType.Float };

    public override unsafe int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream)
    {
        log.Note(inputs[0] == outputs[0] ? "shared" : "apart");
        for (long i = 0; i < inputDesc[0].Dims.Volume; i++)
        {
            ((float*)outputs[0])[i] = ((float*)inputs[0])[i] + 1;
        }

        return 0;
    }
}

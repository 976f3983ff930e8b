using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Circular padding as a plugin of the third version.</summary>
internal sealed class CircPadV3(int[] pads, Device device) : PluginV3
{
    public const string Version = "2";

    private readonly CircPad pad = new(pads, device);

    public override string PluginName => CircPad.Name;

    public override string PluginVersion => Version;

    public override int NbOutputs => 1;

    public override PluginFieldCollection? FieldsToSerialize => new([Fields.From("pads", pad.Pads)]);

    public override IPluginV3? Clone() => new CircPadV3(pad.Pads, pad.Place.Device);

    public override IPluginV3? AttachToContext(IPluginResourceContext context)
    {
        pad.Place.Prepare();
        return Clone();
    }

    public override int GetOutputDataTypes(Span<DataType> outputTypes, ReadOnlySpan<DataType> inputTypes)
    {
        outputTypes[0] = inputTypes[0];
        return 0;
    }

    public override int GetOutputShapes(ReadOnlySpan<DimsExprs> inputs, ReadOnlySpan<DimsExprs> shapeInputs, Span<DimsExprs> outputs, IExprBuilder exprBuilder)
    {
        outputs[0] = pad.OutputShape(inputs[0], exprBuilder);
        return 0;
    }

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs) => Fields.AreAlike(inOut[pos].Desc, inOut[0].Desc);

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) =>
        pad.Enqueue(inputDesc[0], outputDesc[0], inputs[0], outputs[0], stream);
}

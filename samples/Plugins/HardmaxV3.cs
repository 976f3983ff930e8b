using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Hardmax as a plugin of the third version.</summary>
internal sealed class HardmaxV3(int axis, Device device) : PluginV3
{
    public const string Version = "2";

    private readonly Hardmax hardmax = new(axis, device);

    public override string PluginName => Hardmax.Name;

    public override string PluginVersion => Version;

    public override int NbOutputs => 1;

    public override PluginFieldCollection? FieldsToSerialize => new([Fields.From("axis", hardmax.Axis)]);

    public override IPluginV3? Clone() => new HardmaxV3(hardmax.Axis, hardmax.Place.Device);

    public override IPluginV3? AttachToContext(IPluginResourceContext context)
    {
        hardmax.Place.Prepare();
        return Clone();
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

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<DynamicPluginTensorDesc> inOut, int nbInputs, int nbOutputs) => Fields.AreAlike(inOut[pos].Desc, inOut[0].Desc);

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) =>
        hardmax.Enqueue(inputDesc[0], inputs[0], outputs[0], stream);
}

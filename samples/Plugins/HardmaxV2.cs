using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Hardmax as a plugin of the second version, which TensorRT 8 has.</summary>
internal sealed unsafe class HardmaxV2(int axis, Device device) : PluginV2DynamicExt
{
    public const string Version = "1";

    private readonly Hardmax hardmax = new(axis, device);

    public override string PluginType => Hardmax.Name;

    public override string PluginVersion => Version;

    public override int NbOutputs => 1;

    public override nuint SerializationSize => sizeof(int);

    public override void Serialize(nint buffer) => *(int*)buffer = hardmax.Axis;

    public override IPluginV2? Clone() => new HardmaxV2(hardmax.Axis, hardmax.Place.Device) { PluginNamespace = PluginNamespace };

    public override int Initialize()
    {
        hardmax.Place.Prepare();
        return 0;
    }

    public override DataType GetOutputDataType(int index, ReadOnlySpan<DataType> inputTypes) => inputTypes[0];

    public override DimsExprs GetOutputDimensions(int outputIndex, ReadOnlySpan<DimsExprs> inputs, IExprBuilder exprBuilder) => inputs[0];

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<PluginTensorDesc> inOut, int nbInputs, int nbOutputs) => Fields.AreAlike(inOut[pos], inOut[0]);

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) =>
        hardmax.Enqueue(inputDesc[0], inputs[0], outputs[0], stream);
}

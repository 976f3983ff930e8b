using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Circular padding as a plugin of the second version, which TensorRT 8 has.</summary>
internal sealed unsafe class CircPadV2(int[] pads, Device device) : PluginV2DynamicExt
{
    public const string Version = "1";

    private readonly CircPad pad = new(pads, device);

    public override string PluginType => CircPad.Name;

    public override string PluginVersion => Version;

    public override int NbOutputs => 1;

    public override nuint SerializationSize => (nuint)(sizeof(int) * pad.Pads.Length);

    public override void Serialize(nint buffer) => MemoryMarshal.AsBytes(pad.Pads.AsSpan()).CopyTo(new Span<byte>((void*)buffer, sizeof(int) * pad.Pads.Length));

    public override IPluginV2? Clone() => new CircPadV2(pad.Pads, pad.Place.Device) { PluginNamespace = PluginNamespace };

    public override int Initialize()
    {
        pad.Place.Prepare();
        return 0;
    }

    public override DataType GetOutputDataType(int index, ReadOnlySpan<DataType> inputTypes) => inputTypes[0];

    public override DimsExprs GetOutputDimensions(int outputIndex, ReadOnlySpan<DimsExprs> inputs, IExprBuilder exprBuilder) => pad.OutputShape(inputs[0], exprBuilder);

    public override bool SupportsFormatCombination(int pos, ReadOnlySpan<PluginTensorDesc> inOut, int nbInputs, int nbOutputs) => Fields.AreAlike(inOut[pos], inOut[0]);

    public override int Enqueue(UnsizedArray<PluginTensorDesc> inputDesc, UnsizedArray<PluginTensorDesc> outputDesc, UnsizedArray<nint> inputs, UnsizedArray<nint> outputs, nint workspace, nint stream) =>
        pad.Enqueue(inputDesc[0], outputDesc[0], inputs[0], outputs[0], stream);
}

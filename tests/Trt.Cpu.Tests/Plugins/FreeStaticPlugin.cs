using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>The same with a type and format for each tensor.</summary>
internal sealed class FreeStaticPlugin(CallLog log, float offset) : StaticPlugin(log, offset), IPluginV2IOExt
{
    public void ConfigurePlugin(ReadOnlySpan<PluginTensorDesc> @in, ReadOnlySpan<PluginTensorDesc> @out) => Log.Note($"configure {@in[0].Dims} {@out[0].Type}");

    public bool SupportsFormatCombination(int pos, ReadOnlySpan<PluginTensorDesc> inOut, int nbInputs, int nbOutputs) =>
        inOut[pos].Type == DataType.Float && inOut[pos].Format == TensorFormat.Linear;

    public override IPluginV2? Clone() => new FreeStaticPlugin(Log, Offset);
}

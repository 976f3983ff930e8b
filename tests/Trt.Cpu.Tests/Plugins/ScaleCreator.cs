using Trt.Interop;

namespace Trt.Cpu.Tests.Plugins;

/// <summary>Makes <see cref="ScalePlugin"/>s.</summary>
internal sealed class ScaleCreator(CallLog log) : IPluginCreatorV3One
{
    public const string Name = "Scale";

    public PluginFieldCollection? FieldNames => new([new PluginField("factor", 0, PluginFieldType.Float32, 1), new PluginField("format", 0, PluginFieldType.Int32, 2)]);

    public string PluginName => Name;

    public string PluginVersion => "3";

    public string PluginNamespace => "tests";

    public IPluginV3? CreatePlugin(string name, PluginFieldCollection fc, TensorRTPhase phase)
    {
        if (log.Note($"create {name} {phase} {fc["factor"]!.Type} {fc["factor"]!.Length}"))
        {
            return null;
        }

        ReadOnlySpan<int> format = fc["format"]!.AsSpan<int>();
        return new ScalePlugin(log, fc["factor"]!.AsSpan<float>()[0]) { Format = (TensorFormat)format[0], Element = format[1] < 0 ? null : (DataType)format[1] };
    }
}

using System.Globalization;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Tells what layers an engine has: as much as the profiling verbosity of the build let the plan keep.</summary>
internal sealed class CpuEngineInspector : CpuObject, IEngineInspector
{
    private readonly EngineCore core;
    private readonly Journal journal;
    private CpuExecutionContext? context;

    public CpuEngineInspector(EngineCore core, Journal journal)
    {
        this.core = core;
        this.journal = journal;
        core.Hold();
    }

    public IExecutionContext? ExecutionContext
    {
        get
        {
            ThrowIfDisposed();
            return context;
        }

        set
        {
            ThrowIfDisposed();
            context = value switch
            {
                null => null,
                CpuExecutionContext own when own.Core == core => own,
                _ => throw journal.Failure("IEngineInspector::setExecutionContext", Refusal.Argument("The context belongs to another engine than the inspector.")),
            };
        }
    }

    public IErrorRecorder? ErrorRecorder
    {
        get
        {
            ThrowIfDisposed();
            return journal.Recorder;
        }

        set
        {
            ThrowIfDisposed();
            journal.Recorder = value;
        }
    }

    public string GetLayerInformation(int layerIndex, LayerInformationFormat format)
    {
        ThrowIfDisposed();
        const string method = "IEngineInspector::getLayerInformation";
        int count = core.Description.Layers.Count;
        if ((uint)layerIndex >= (uint)count || !IsFormat(format))
        {
            journal.BadParameter(method, string.Create(CultureInfo.InvariantCulture, $"layerIndex < {count} and format is an enumerator of LayerInformationFormat. They are {layerIndex} and {(int)format}"));
            return string.Empty;
        }

        return Layer(Text(format), layerIndex);
    }

    public string GetEngineInformation(LayerInformationFormat format)
    {
        ThrowIfDisposed();
        if (!IsFormat(format))
        {
            journal.BadParameter("IEngineInspector::getEngineInformation", "format is an enumerator of LayerInformationFormat");
            return string.Empty;
        }

        LayerText text = Text(format);
        IEnumerable<string> layers = core.Description.Verbosity == ProfilingVerbosity.None ? [] : Enumerable.Range(0, core.Description.Layers.Count).Select(index => Layer(text, index));
        return text.Engine(layers, core.Tensors.Select(tensor => tensor.Name));
    }

    protected override void Release()
    {
        journal.Recorder = null;
        core.LetGo();
    }

    private static bool IsFormat(LayerInformationFormat format) => format is LayerInformationFormat.Oneline or LayerInformationFormat.JSON;

    private LayerText Text(LayerInformationFormat format) => new(format, tensor => context is { IsDisposed: false } running ? running.ShapeOf(tensor) : new Dims(tensor.Dims));

    private string Layer(LayerText text, int index) => core.Description.Verbosity == ProfilingVerbosity.None ? string.Empty
        : index < core.Description.LayerDetails.Count ? text.Layer(core.Description.Layers[index], core.Description.LayerDetails[index])
        : text.Name(core.Description.Layers[index]);
}

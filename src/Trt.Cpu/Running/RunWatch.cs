using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A session beside the engine's own, for runs of which a profiler or a debug listener wants to see more; ordinary runs do without it.</summary>
internal sealed class RunWatch : IDisposable
{
    private readonly EngineCore core;
    private readonly OrtSession session;
    private bool isProfiling;

    /// <param name="core">What is run.</param>
    /// <param name="shown">Debug tensors whose values are wanted.</param>
    /// <param name="profiles">Whether times are wanted; such a session serves one run.</param>
    public RunWatch(EngineCore core, IReadOnlyList<PlanDebugTensor> shown, bool profiles)
    {
        this.core = core;
        Shown = shown;
        isProfiling = profiles;
        session = core.OpenWatched(shown, profiles ? Path.Combine(Path.GetTempPath(), $"trt-cpu-{Guid.NewGuid():n}") : null);
        Binding = session.CreateBinding();
        for (int i = 0; i < shown.Count; i++)
        {
            Binding.BindOutput(FirstShown + i);
        }
    }

    public IReadOnlyList<PlanDebugTensor> Shown { get; }

    public OrtBinding Binding { get; }

    public bool Profiles => isProfiling;

    private int FirstShown => core.Tensors.Length - core.InputCount;

    /// <summary>The value of a shown tensor after the run.</summary>
    public OrtOutput Value(int shown) => Binding.GetOutput(FirstShown + shown);

    /// <summary>Ends profiling and gives milliseconds by layer.</summary>
    public float[] Times()
    {
        isProfiling = false;
        string path = session.EndProfiling()!;
        try
        {
            return LayerTimes.Read(File.ReadAllBytes(path), core.Description.Layers, core.Makers());
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose()
    {
        if (isProfiling)
        {
            // The run failed; ONNX Runtime would leave its file behind.
            isProfiling = false;
            File.Delete(session.EndProfiling()!);
        }

        Binding.Dispose();
        session.Dispose();
    }
}

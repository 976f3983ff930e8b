using System.Globalization;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>Profiler and debug listener. Both see a run of a session of their own, and are told on the thread that enqueued.</content>
internal sealed partial class CpuExecutionContext
{
    private readonly HashSet<string> debugStates = new(StringComparer.Ordinal);
    private IProfiler? profiler;
    private IDebugListener? debugListener;
    private bool unfusedDebugState;
    private RunWatch? watch;
    private float[]? times;

    public IProfiler? Profiler
    {
        get => Alive(profiler);
        set
        {
            ThrowIfDisposed();
            profiler = value;
            times = null;
        }
    }

    public IDebugListener? DebugListener
    {
        get => Alive(debugListener);
        set
        {
            ThrowIfDisposed();
            debugListener = value;
        }
    }

    public bool UnfusedTensorsDebugState
    {
        get => Alive(unfusedDebugState);
        set
        {
            ThrowIfDisposed();
            unfusedDebugState = value;
        }
    }

    public void SetTensorDebugState(string name, bool flag)
    {
        ArgumentNullException.ThrowIfNull(name);
        ThrowIfDisposed();
        if (!core.IsDebugTensor(name))
        {
            throw journal.Failure("IExecutionContext::setTensorDebugState", Refusal.Argument($"Tensor {name} was not marked as a debug tensor when the engine was built."));
        }

        _ = flag ? debugStates.Add(name) : debugStates.Remove(name);
    }

    public bool GetDebugState(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Alive(debugStates).Contains(name);
    }

    public void SetAllTensorsDebugState(bool flag)
    {
        ThrowIfDisposed();
        debugStates.Clear();
        if (flag)
        {
            debugStates.UnionWith(core.Description.Debug.Where(tensor => tensor.IsMarked).Select(tensor => tensor.Name));
        }
    }

    public void ReportToProfiler()
    {
        ThrowIfDisposed();
        const string method = "IExecutionContext::reportToProfiler";
        if (profiler is null)
        {
            throw journal.Failure(method, Refusal.Argument("there is no profiler; set one before the run."));
        }

        if (times is null)
        {
            throw journal.Failure(method, Refusal.Argument("there was no run since the profiler was set whose times are not told yet. Set setEnqueueEmitsProfile(false) before the run."));
        }

        float[] last = times;
        times = null;
        Report(profiler, last);
    }

    /// <summary>The session for a run that is watched; null for an ordinary one.</summary>
    private RunWatch? Watch(string method)
    {
        IReadOnlyList<PlanDebugTensor> shown = debugListener is null || (debugStates.Count == 0 && !unfusedDebugState) ? []
            : [.. core.Description.Debug.Where(tensor => tensor.IsMarked ? debugStates.Contains(tensor.Name) || unfusedDebugState : unfusedDebugState)];
        if (profiler is null && shown.Count == 0)
        {
            return null;
        }

        if (watch is { Profiles: false } && profiler is null && watch.Shown.SequenceEqual(shown))
        {
            return watch;
        }

        watch?.Dispose();
        watch = null;
        try
        {
            return watch = new RunWatch(core, shown, profiler is not null);
        }
        catch (OrtException error)
        {
            throw journal.Failure($"IExecutionContext::{method}", Refusal.Internal($"the engine cannot be loaded for a profiler or debug listener: {error.Message}"));
        }
    }

    /// <summary>Tells the debug listener, then the profiler, what a finished run showed.</summary>
    private void Tell(RunWatch seen, nint stream, string method)
    {
        for (int i = 0; i < seen.Shown.Count; i++)
        {
            PlanDebugTensor tensor = seen.Shown[i];
            OrtOutput value = seen.Value(i);
            bool goesOn = Callback("IDebugListener.ProcessDebugTensor", () =>
                debugListener!.ProcessDebugTensor(value.Data, TensorLocation.Device, tensor.Type, new Dims(value.Shape), tensor.Name, stream));
            if (!goesOn)
            {
                throw journal.Failure($"IExecutionContext::{method}", new Refusal(ErrorCode.FailedExecution, Refusal.InternalError, $"The debug listener reported a failure at tensor {tensor.Name}."));
            }
        }

        if (seen.Profiles)
        {
            float[] measured = seen.Times();
            if (emitsProfile)
            {
                Report(profiler!, measured);
            }
            else
            {
                times = measured;
            }
        }
    }

    private void Report(IProfiler receiver, float[] milliseconds)
    {
        for (int i = 0; i < milliseconds.Length; i++)
        {
            string layer = core.Description.Verbosity == ProfilingVerbosity.None ? i.ToString(CultureInfo.InvariantCulture) : core.Description.Layers[i];
            Callback("IProfiler.ReportLayerTime", () =>
            {
                receiver.ReportLayerTime(layer, milliseconds[i]);
                return true;
            });
        }
    }

    private static T Callback<T>(string name, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error)
        {
            throw new TensorRtException($"The callback {name} threw {error.GetType().Name}: {error.Message}", error);
        }
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Who watches a run: profilers, error recorders, listeners to debug tensors.</summary>
internal sealed class WatchCases(Subject subject)
{
    public void Run()
    {
        subject.Case("a profiler hears of every layer", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            Times times = new();
            run.Context.Profiler = times;
            if (!ReferenceEquals(run.Context.Profiler, times) || !run.Context.EnqueueEmitsProfile)
            {
                return "the profiler is not read back, or runs report nothing by themselves";
            }

            string? wrong = run.Run();
            int once = times.Layers.Count;
            subject.Checks.Note($"{once} layers in {times.Layers.Sum(layer => layer.Milliseconds) * 1000:F0} us: {string.Join(", ", times.Layers.Take(3).Select(layer => layer.Name))} …");
            wrong ??= run.Run();
            int twice = times.Layers.Count;
            int silent = twice;
            if (Remove(run.Context) is { } refusal)
            {
                subject.Checks.Note($"a profiler cannot be removed: {refusal}");
                silent = 3 * once;
            }

            wrong ??= run.Run();
            return wrong ?? (once == 0 || twice != 2 * once || times.Layers.Count != silent || times.Layers.Any(layer => layer.Milliseconds < 0 || layer.Name.Length == 0) ? $"{once}, {twice} and {times.Layers.Count} reports" : null);
        });
        subject.Case("runs that report nothing are reported afterwards, also those of a graph", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            Times times = new();
            run.Context.Profiler = times;
            run.Context.EnqueueEmitsProfile = false;
            string? wrong = run.Run();
            int before = times.Layers.Count;
            run.Context.ReportToProfiler();
            return wrong ?? (before != 0 || times.Layers.Count == 0 || run.Context.EnqueueEmitsProfile ? $"{before} reports before, {times.Layers.Count} after" : null);
        });
        subject.Case("a profiler that throws fails the run by name, and the next one works", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            run.Context.Profiler = new Times { Throws = true };
            string? wrong = subject.Refused<TensorRtException>(run.Enqueue, nameof(InvalidTimeZoneException));
            run.Stream.Synchronize();
            if (Remove(run.Context) is not null)
            {
                run.Context.Profiler = new Times();
            }

            return wrong ?? run.Run();
        });
        subject.Case("errors of a damaged plan reach the runtime's recorder and the exception", () =>
        {
            using IRuntime runtime = subject.CreateRuntime();
            ErrorRecorder recorder = new();
            if (!subject.Plans.TakesCallbacks)
            {
                return subject.Refused<NotSupportedException>(() => runtime.ErrorRecorder = recorder, "IErrorRecorder", "LoadRuntime", "TensorRt.Load");
            }

            runtime.ErrorRecorder = recorder;
            byte[] half = subject.Plans.LeNet[..1000];
            TensorRtException? error = null;
            try
            {
                runtime.DeserializeCudaEngine(half).Dispose();
            }
            catch (TensorRtException exception)
            {
                error = exception;
            }

            bool same = ReferenceEquals(runtime.ErrorRecorder, recorder);
            runtime.ErrorRecorder = null;
            return error is null ? "the damaged plan was taken"
                : !same ? "the recorder is not read back"
                : recorder.NbErrors == 0 ? "nothing was recorded"
                : !error.Message.Contains(recorder.Errors[0].Description, StringComparison.Ordinal) ? $"the exception says {error.Message}"
                : null;
        });
        subject.Case("errors of a context go to the recorder that it got from its engine", () =>
        {
            subject.NeedsCallbacks();
            ErrorRecorder recorder = new();
            using ICudaEngine engine = subject.LeNet();
            engine.ErrorRecorder = recorder;
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            string? wrong = subject.Refused<TensorRtException>(() => run.Shape(33));
            int errors = recorder.NbErrors;
            subject.Checks.Note($"{errors} errors{(errors > 0 ? $", the first {recorder.GetErrorCode(0)}: {recorder.GetErrorDesc(0)}" : string.Empty)}");
            recorder.Clear();
            run.Shape(20);
            return wrong ?? (errors == 0 ? "nothing was recorded" : recorder.NbErrors != 0 ? "a right call was recorded" : run.Run());
        });
        subject.Case("a listener to debug tensors of an engine that has none", () =>
        {
            subject.Needs("IExecutionContext.setDebugListener");
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            Listener listener = new();
            if (subject.Plans is RecordedPlans)
            {
                return subject.Refused<TensorRtException>(() => run.Context.DebugListener = listener, "Not supported for engine created before TensorRT 10.0") ?? run.Run();
            }

            run.Context.DebugListener = listener;
            run.Context.SetAllTensorsDebugState(true);
            string? wrong = run.Run();
            return wrong ?? (listener.Calls != 0 ? $"{listener.Calls} calls" : engine.IsDebugTensor("prob") ? "prob is said to be one" : !ReferenceEquals(run.Context.DebugListener, listener) ? "the listener is not read back" : null);
        });
        if (!subject.Plans.TakesCallbacks)
        {
            subject.Case("callbacks are refused behind LoadRuntime, in words", () =>
            {
                using ICudaEngine engine = subject.LeNet();
                using IExecutionContext context = engine.CreateExecutionContext();
                using GrowingOutput output = new(subject.Device);
                using IRuntime runtime = subject.CreateRuntime();
                string[] words = ["LoadRuntime", "TensorRt.Load"];
                return subject.Refused<NotSupportedException>(() => context.SetOutputAllocator("prob", output), ["IOutputAllocator", .. words])
                    ?? subject.Refused<NotSupportedException>(() => context.Profiler = new Times(), ["IProfiler", .. words])
                    ?? subject.Refused<NotSupportedException>(() => engine.ErrorRecorder = new ErrorRecorder(), ["IErrorRecorder", .. words])
                    ?? subject.Refused<NotSupportedException>(() => runtime.SetGpuAllocator(new CountingAllocator(subject.Device)), ["IGpuAllocator", .. words]);
            });
        }
    }

    /// <summary>Takes the profiler away; 8.6's code refuses that, and the words are given back.</summary>
    private static string? Remove(IExecutionContext context)
    {
        try
        {
            context.Profiler = null;
            return null;
        }
        catch (TensorRtException error)
        {
            return error.Message.ReplaceLineEndings(" ");
        }
    }

    private sealed class Times : IProfiler
    {
        public bool Throws { get; init; }

        public List<(string Name, float Milliseconds)> Layers { get; } = [];

        public void ReportLayerTime(string layerName, float ms)
        {
            if (Throws)
            {
                throw new InvalidTimeZoneException("not today");
            }

            Layers.Add((layerName, ms));
        }
    }

    private sealed class Listener : IDebugListener
    {
        public int Calls { get; private set; }

        public bool ProcessDebugTensor(nint addr, TensorLocation location, DataType type, Dims shape, string name, nint stream)
        {
            Calls++;
            return true;
        }
    }
}

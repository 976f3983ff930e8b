using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Use after disposal, and disposal in every order.</summary>
internal sealed class LifetimeCases(Subject subject)
{
    public void Run()
    {
        subject.Case("use after disposal is told", () =>
        {
            IRuntime runtime = subject.CreateRuntime();
            ICudaEngine engine = runtime.DeserializeCudaEngine(subject.Plans.LeNet);
            IExecutionContext context = engine.CreateExecutionContext();
            context.Dispose();
            context.Dispose();
            engine.Dispose();
            runtime.Dispose();
            return subject.Refused<ObjectDisposedException>(() => context.EnqueueV3(0))
                ?? subject.Refused<ObjectDisposedException>(() => context.SetTensorAddress("data"u8, 0))
                ?? subject.Refused<ObjectDisposedException>(() => _ = context.Engine)
                ?? subject.Refused<ObjectDisposedException>(() => _ = engine.NbIOTensors)
                ?? subject.Refused<ObjectDisposedException>(() => engine.CreateExecutionContext())
                ?? subject.Refused<ObjectDisposedException>(() => runtime.DeserializeCudaEngine([1, 2, 3]));
        });
        subject.Case("runtime, engine, context and inspector disposed in every order, after a run", () =>
        {
            foreach (int[] order in Orders([0, 1, 2, 3]))
            {
                IRuntime runtime = subject.CreateRuntime();
                ICudaEngine engine = runtime.DeserializeCudaEngine(subject.Plans.LeNet);
                IEngineInspector inspector = engine.CreateEngineInspector();
                using LeNetRun run = new(subject, engine.CreateExecutionContext(), 1);
                if (run.Run() is { } wrong)
                {
                    return $"{string.Join(' ', order)}: {wrong}";
                }

                IDisposable[] objects = [runtime, engine, run.Context, inspector];
                foreach (int index in order)
                {
                    objects[index].Dispose();
                }
            }

            return null;
        });
        subject.Case("a context that is disposed while its run is under way", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            for (int i = 0; i < 20; i++)
            {
                run.Enqueue();
            }

            run.Context.Dispose();
            string? wrong = run.Wrong();
            run.Dispose();
            return wrong;
        });
        subject.Case("objects that are dropped are reported as leaks and not freed", () =>
        {
            List<LeakReport> reports = [];
            void Keep(LeakReport report)
            {
                lock (reports)
                {
                    reports.Add(report);
                }
            }

            Leaks.Reported += Keep;
            try
            {
                long before = subject.Device.IsHost ? 0 : subject.Device.Memory.FreeBytes;
                Drop();
                for (int i = 0; i < 30 && Leaked() < 3; i++)
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                }

                long after = subject.Device.IsHost ? 0 : subject.Device.Memory.FreeBytes;
                LeakReport[] all;
                lock (reports)
                {
                    all = [.. reports];
                }

                Array.ForEach(all, report => subject.Checks.Note(report.ToString().ReplaceLineEndings(" | ")[..Math.Min(160, report.ToString().Length)]));
                return Leaked() < 3 ? $"{all.Length} reports" : after > before ? $"{after - before} bytes were freed silently" : null;
            }
            finally
            {
                Leaks.Reported -= Keep;
            }

            int Leaked()
            {
                lock (reports)
                {
                    return reports.Count(report => report.Subject.Contains("DeviceMemory", StringComparison.Ordinal) || report.Subject.Contains("CudaStream", StringComparison.Ordinal) || report.Subject.Contains("Context", StringComparison.Ordinal));
                }
            }
        });
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Drop()
    {
        ICudaEngine engine = subject.LeNet();
        _ = engine.CreateExecutionContext();
        _ = new DeviceMemory<byte>(4 << 20, subject.Device);
        _ = new CudaStream(subject.Device);
    }

    private static IEnumerable<int[]> Orders(int[] values) => values.Length == 0
        ? [[]]
        : values.SelectMany(first => Orders([.. values.Where(value => value != first)]).Select(rest => (int[])[first, .. rest]));
}

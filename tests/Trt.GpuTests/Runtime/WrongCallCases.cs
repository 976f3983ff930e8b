using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Wrong names, shapes, profiles and addresses; what was there before goes on working.</summary>
internal sealed class WrongCallCases(Subject subject)
{
    public void Run()
    {
        With("a tensor that is not there", (engine, run) =>
            subject.Refused<TensorRtException>(() => run.Context.SetTensorAddress("nope", run.Data.Pointer))
                ?? subject.Refused<TensorRtException>(() => run.Context.SetInputShape("nope", [1, 1, 28, 28]))
                ?? subject.Refused<TensorRtException>(() => run.Context.SetInputShape("prob", [1, 10]))
                ?? (run.Context.GetTensorAddress("nope") != 0 ? "it has an address"
                : engine.GetTensorShape("nope").NbDims != -1 || run.Context.GetTensorShape("nope").NbDims != -1 ? "it has a shape"
                : engine.GetTensorIOMode("nope") != TensorIOMode.None ? "it has a mode"
                : engine.GetProfileShape("nope", 0, OptProfileSelector.Max).NbDims != -1 || engine.GetProfileShape("data", 7, OptProfileSelector.Max).NbDims != -1 ? "it has a range"
                : null));
        With("a number of a tensor that is not there", (engine, _) => Answered(() => engine.GetIOTensorName(99)) ?? Answered(() => engine.GetIOTensorName(-1)));
        With("shapes outside of the profile, of wrong rank, with unknown extents", (_, run) =>
        {
            foreach (Dims wrong in (Dims[])[[0, 1, 28, 28], [33, 1, 28, 28], [20, 1, 28, 29], [20, 3, 28, 28], [20, 784], [20, 1, 28, 28, 1], [-1, 1, 28, 28], [long.MaxValue / 4, 1, 28, 28]])
            {
                // 8.6 takes -1 for "not known yet", and refuses the run.
                if (subject.Refused<Exception>(() =>
                    {
                        run.Context.SetInputShape("data", wrong);
                        run.Enqueue();
                    }) is { } taken)
                {
                    return $"{wrong}: {taken}";
                }
            }

            return null;
        });
        subject.Case("a run without a shape", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using IExecutionContext context = engine.CreateExecutionContext();
            using DeviceMemory<float> data = new(32 * 784, subject.Device), prob = new(320, subject.Device);
            using CudaStream stream = new(subject.Device);
            context.SetTensorAddress("data", data.Pointer);
            context.SetTensorAddress("prob", prob.Pointer);
            return subject.Refused<TensorRtException>(() => context.EnqueueV3(stream));
        });
        With("a run without an output's address", (_, run) =>
        {
            run.Context.SetTensorAddress("prob", 0);
            string? taken = subject.Refused<TensorRtException>(() => run.Context.EnqueueV3(run.Stream));
            run.Context.SetTensorAddress("prob", run.Prob.Pointer);
            return taken;
        });
        With("a run without an input's address", (_, run) =>
        {
            run.Context.SetTensorAddress("data", 0);
            string? taken = subject.Refused<TensorRtException>(() => run.Context.EnqueueV3(run.Stream));
            run.Context.SetTensorAddress("data", run.Data.Pointer);
            return taken;
        });
        With("profiles that are not there", (_, run) => subject.Refused<TensorRtException>(() => run.Context.SetOptimizationProfileAsync(99, run.Stream)) ?? subject.Refused<TensorRtException>(() => run.Context.SetOptimizationProfileAsync(-1, run.Stream)));
        With("a stream that was disposed", (_, run) =>
        {
            CudaStream stream = new(subject.Device);
            stream.Dispose();
            return subject.Refused<ObjectDisposedException>(() => run.Context.EnqueueV3(stream)) ?? subject.Refused<ObjectDisposedException>(() => run.Context.SetOptimizationProfileAsync(0, stream));
        });
        With("memory that was disposed", (_, run) =>
        {
            DeviceMemory<float> memory = new(320, subject.Device);
            memory.Dispose();
            return subject.Refused<ObjectDisposedException>(() => run.Context.SetTensorAddress("prob", memory.Pointer));
        });
        With("a context from other threads, one after the other", (_, run) =>
        {
            string? wrong = null;
            for (int i = 0; i < 4; i++)
            {
                Thread thread = new(() => wrong ??= run.Run());
                thread.Start();
                thread.Join();
            }

            return wrong;
        });
        With("nulls", (engine, run) =>
            subject.Refused<ArgumentNullException>(() => run.Context.SetTensorAddress((string)null!, 1))
            ?? subject.Refused<ArgumentNullException>(() => engine.GetTensorShape((string)null!))
            ?? subject.Refused<ArgumentNullException>(() => subject.CreateRuntime().LoadRuntime(null!)));
        subject.Case("too few addresses for ExecuteV2", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            return subject.Refused<ArgumentException>(() => run.Context.ExecuteV2([run.Data.Pointer])) ?? subject.Refused<ArgumentException>(() => run.Context.ExecuteV2([])) ?? run.Run();
        });
        subject.Case("a runtime that is not there", () =>
        {
            using IRuntime runtime = subject.BareRuntime();
            return subject.Refused<TensorRtException>(() => runtime.LoadRuntime("/no/such/libnvinfer_lean.so.8").Dispose());
        });
    }

    /// <summary>A case whose context must still give right answers afterwards.</summary>
    private void With(string name, Func<ICudaEngine, LeNetRun, string?> check) => subject.Case(name, () =>
    {
        using ICudaEngine engine = subject.LeNet();
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        string? wrong = check(engine, run);
        run.Shape(20);
        return wrong ?? (run.Run() is { } after ? $"afterwards: {after}" : null);
    });

    /// <summary>A call may answer something empty or throw, but not something of another class.</summary>
    private string? Answered(Func<string?> call)
    {
        try
        {
            return call() is { Length: > 0 } name ? $"it is called {name}" : null;
        }
        catch (TensorRtException error)
        {
            subject.Checks.Note($"says: {error.Message}");
            return null;
        }
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Runs recorded into CUDA graphs.</summary>
internal sealed class GraphCases(Subject subject)
{
    public void Run()
    {
        subject.Case("a captured run is replayed with other inputs in the same memory", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            string? wrong = run.Run();
            using CudaGraphExec graph = Capture(run);
            for (int round = 0; round < 10 && wrong is null; round++)
            {
                run.Data.Clear();
                graph.Launch(run.Stream);
                wrong = run.Wrong() is null ? "the answers did not follow the input" : null;
                run.Data.CopyFrom(subject.Digits.Value);
                graph.Launch(run.Stream);
                wrong ??= run.Wrong();
            }

            return wrong;
        });
        subject.Case("a graph is updated to other addresses", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            using DeviceMemory<float> elsewhere = new(320, subject.Device);
            elsewhere.Clear();
            string? wrong = run.Run();
            CudaGraphExec graph = Capture(run);
            run.Context.SetTensorAddress("prob", elsewhere.Pointer);
            run.Stream.BeginCapture();
            run.Context.EnqueueV3(run.Stream);
            using CudaGraph second = run.Stream.EndCapture();
            bool updated = graph.TryUpdate(second);
            subject.Checks.Note($"a graph of {second.NodeCount} nodes was {(updated ? "updated" : "not updatable and instantiated anew")}");
            if (!updated)
            {
                graph.Dispose();
                graph = second.Instantiate();
            }

            using (graph)
            {
                run.Prob.Clear();
                graph.Launch(run.Stream);
                run.Stream.Synchronize();
                return wrong ?? subject.Wrong(elsewhere.ToArray()[..200]) ?? (run.Prob.ToArray().Any(value => value != 0) ? "the old memory was written" : null);
            }
        });
        subject.Case("graphs of two shapes on two engines take turns", () =>
        {
            using ICudaEngine first = subject.LeNet(), second = subject.LeNet();
            using LeNetRun twenty = new(subject, first.CreateExecutionContext(), 20), one = new(subject, second.CreateExecutionContext(), 1);
            string? wrong = twenty.Run() ?? one.Run();
            using CudaGraphExec graphOfTwenty = Capture(twenty), graphOfOne = Capture(one);
            for (int round = 0; round < 10; round++)
            {
                twenty.Prob.Clear();
                one.Prob.Clear();
                graphOfTwenty.Launch(twenty.Stream);
                graphOfOne.Launch(one.Stream);
                wrong ??= twenty.Wrong() ?? one.Wrong();
            }

            return wrong;
        });
        subject.Case("a run that waits inside a capture spoils neither stream nor context", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            string? wrong = run.Run();
            run.Stream.BeginCapture();
            run.Context.EnqueueV3(run.Stream);
            string? waited = subject.Refused<CudaException>(run.Stream.Synchronize);
            try
            {
                run.Stream.EndCapture().Dispose();
            }
            catch (CudaException error)
            {
                subject.Checks.Note($"the capture ended with {error.ErrorName}");
            }

            return wrong ?? waited ?? run.Run();
        });
    }

    private static CudaGraphExec Capture(LeNetRun run)
    {
        run.Stream.Synchronize();
        run.Stream.BeginCapture();
        run.Context.EnqueueV3(run.Stream);
        using CudaGraph graph = run.Stream.EndCapture();
        return graph.Instantiate();
    }
}

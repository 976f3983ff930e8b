using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The calls of a run in C# against the same in C++, compiled here, on the same engines, contexts, streams and graphs.</summary>
internal sealed class SpeedChecks(Checks checks, Files files, Device device)
{
    /// <summary>Plans, and how many runs fit into the launch queue.</summary>
    private static readonly (string Plan, int Runs)[] Plans = [("lenet.vc_excl", 40), ("unet.vc_excl", 20), ("charrnn.vc_excl", 4), ("shapes_retinanet.vc_excl", 4)];

    private bool isWarm;

    public void Run()
    {
        NativeLoops? loops = NativeLoops.Find(files.TryFind("libgpu_benchmark.so"), out string reason);
        if (loops is not { HasDriver: true })
        {
            checks.Skip("C# against C++", loops is null ? reason : "the loops in C++ found no driver");
            return;
        }

        if (files.HasLean(10))
        {
            TensorRtLibrary library = TensorRt.Load(files.Lean(10));
            using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
            runtime.EngineHostCodeAllowed = true;
            using IRuntime loaded = runtime.LoadRuntime(files.Lean(8));
            All(loops, library, loaded, "10.x with 8.6.0 behind it");
        }

        TensorRtLibrary own = TensorRt.Load(files.Lean(8));
        using IRuntime ownRuntime = own.CreateInferRuntime(checks.Logger());
        All(loops, own, ownRuntime, "8.6.0");
    }

    private void All(NativeLoops loops, TensorRtLibrary library, IRuntime runtime, string who)
    {
        foreach ((string plan, int runs) in Plans)
        {
            checks.That($"{who}: {plan} takes C# as long as C++", () =>
            {
                using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(plan));
                using PlanRun run = new(engine, device, files.Inputs(plan, 0), 0);
                run.Enqueue();
                Of(new CallSpeed(loops, library, engine, run.Context, Report) { Warm = isWarm ? 40 : 300 }, loops, engine, run, runs);
                return null;
            });
            isWarm = true;
        }
    }

    private unsafe void Of(CallSpeed speed, NativeLoops loops, ICudaEngine engine, PlanRun run, int runs)
    {
        CudaStream stream = run.Stream;
        speed.Runs(stream, runs, stream.Synchronize);
        stream.BeginCapture();
        run.Context.EnqueueV3(stream);
        using (CudaGraph graph = stream.EndCapture())
        using (CudaGraphExec executable = graph.Instantiate())
        {
            nint handle = executable.Handle, on = stream;
            speed.Line("graph launch", 1.02, times => loops.Launch(handle, on, times), times =>
            {
                for (long i = 0; i < times; i++)
                {
                    executable.Launch(stream);
                }
            }, 10 * runs, stream.Synchronize);
            speed.Line("graph launch + synchronize", 1.02, times => loops.LaunchAndWait(handle, on, times), times =>
            {
                for (long i = 0; i < times; i++)
                {
                    executable.Launch(stream);
                    stream.Synchronize();
                }
            }, runs);
        }

        string input = Enumerable.Range(0, engine.NbIOTensors).Select(engine.GetIOTensorName).First(name => engine.GetTensorIOMode(name) == TensorIOMode.Input);
        DeviceMemory<byte> memory = run.Memory(input);
        using PinnedMemory<byte> source = new((int)memory.Length, device);
        memory.CopyTo(source.Span);
        nint from = source.Pointer, to = memory.Pointer, queue = stream;
        speed.Line("copy to the device", 1.1, times => loops.CopyToDevice(to, from, (nuint)memory.Length, queue, times), times =>
        {
            for (long i = 0; i < times; i++)
            {
                memory.CopyFromAsync(source, stream);
            }
        }, 40, stream.Synchronize);
        speed.Small(input, run.Context.GetTensorShape(input), to);
        run.Enqueue(); // the setters left the context as it was
    }

    private void Report(string name, Turns turns, double limit)
    {
        checks.Measure($"{name}, C++", turns.Native, "ns");
        checks.Measure($"{name}, C#", turns.Managed, "ns");
        checks.Measure($"{name}, ratio", turns.Ratio, "x", limit);
        checks.Measure($"{name}, allocated", turns.Allocated, "B", 0);
    }
}

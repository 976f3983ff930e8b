using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Tests.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>Two GPUs in one process: engines on both at once, calls from threads that have the other one current, copies between them.</summary>
internal sealed class DeviceChecks(Checks checks, Files files)
{
    private const string Plan = "lenet.vc_excl";

    public void Run()
    {
        IReadOnlyList<Device> devices = Device.Of(CudaDeviceApi.Instance);
        if (devices.Count < 2)
        {
            checks.Skip("two devices", $"there is but one GPU, {devices[0].Name}");
            return;
        }

        foreach (ConformanceCase item in DeviceConformance.All.Where(item => item.Devices > 1))
        {
            checks.That(item.Name, () =>
            {
                item.Body(devices[0]);
                return null;
            });
        }

        TensorRtLibrary library = TensorRt.Load(files.Lean(8));
        Bound(library, devices);
        Runners(library, devices);
        Refusals(library, devices);
    }

    /// <summary>Everything from deserialising to disposing with the other device current.</summary>
    private void Bound(TensorRtLibrary library, IReadOnlyList<Device> devices) => checks.That("an engine works on its device whichever one the thread has", () =>
    {
        using NpzFile answers = files.Answers(Plan);
        devices[0].MakeCurrent();
        using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
        ICudaEngine[] engines = new ICudaEngine[2];
        PlanRun[] runs = new PlanRun[2];
        long[] used = new long[2];
        for (int i = 0; i < 2; i++)
        {
            using (devices[i].Use())
            {
                engines[i] = runtime.DeserializeCudaEngine(files.Plan(Plan));
            }

            long before = devices[i].Memory.FreeBytes;
            runs[i] = new PlanRun(engines[i], devices[i], files.Inputs(Plan, 0), 0); // device 0 is current
            used[i] = before - devices[i].Memory.FreeBytes;
        }

        string? wrong = null;
        foreach (Device current in devices.Take(2))
        {
            current.MakeCurrent();
            for (int i = 0; i < 2 && wrong is null; i++)
            {
                runs[i].Enqueue();
                wrong = runs[i].Difference(answers, "set0") ?? (Device.Current == current ? null : $"after the run {Device.Current} is current, not {current}");
                if (wrong is null)
                {
                    runs[i].EnqueueAsGraph();
                    wrong = runs[i].Difference(answers, "set0");
                }

                wrong = wrong is null ? null : $"engine of {devices[i]}, thread on {current}: {wrong}";
            }
        }

        checks.Note($"a context takes {used[0] >> 10} KiB on {devices[0]} and {used[1] >> 10} KiB on {devices[1]}");
        for (int i = 0; i < 2; i++)
        {
            runs[i].Dispose();
            engines[i].Dispose();
        }

        return wrong;
    });

    private void Runners(TensorRtLibrary library, IReadOnlyList<Device> devices) => checks.That("a runner on each device at once, equal results", () =>
    {
        Dictionary<string, HostTensor> inputs = files.Inputs(Plan, 0);
        float[] digits = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(inputs["data"].Bytes).ToArray();
        float[][] results = new float[2][];
        string? wrong = null;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            try
            {
                using DeviceScope scope = devices[i].Use();
                using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
                using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(Plan));
                using InferenceRunner runner = new(engine, new RunnerOptions { Device = devices[i] });
                results[i] = new float[200];
                for (int round = 0; round < 200; round++)
                {
                    runner.Run<float, float>(digits, results[i]);
                }
            }
            catch (Exception error)
            {
                wrong = error.ToString();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        using NpzFile answers = files.Answers(Plan);
        return wrong ?? (results.All(result => result.AsSpan().SequenceEqual(answers["set0.prob"].ToArray<float>())) ? null : "the results differ from those of 8.6.0");
    });

    private void Refusals(TensorRtLibrary library, IReadOnlyList<Device> devices)
    {
        checks.Refuses<ArgumentException>("memory of the other device is refused", () =>
        {
            using DeviceScope scope = devices[1].Use();
            using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
            using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(Plan));
            using InferenceRunner runner = new(engine, new RunnerOptions { Device = devices[1] });
            using InferenceContext context = runner.Rent();
            using DeviceMemory<float> memory = new(784, devices[0]);
            context["data"].Bind(memory);
        }, "cuda:0", "cuda:1");
        checks.Refuses<ArgumentException>("a runner on another device than its engine's is refused", () =>
        {
            using DeviceScope scope = devices[1].Use();
            using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
            using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(Plan));
            new InferenceRunner(engine, new RunnerOptions { Device = devices[0] }).Dispose();
        }, "was loaded on cuda:1", "cuda:0");
        checks.Refuses<ArgumentException>("a stream of the other device is refused", () =>
        {
            using DeviceScope scope = devices[1].Use();
            using IRuntime runtime = library.CreateInferRuntime(checks.Logger());
            using ICudaEngine engine = runtime.DeserializeCudaEngine(files.Plan(Plan));
            using InferenceRunner runner = new(engine, new RunnerOptions { Device = devices[1] });
            using InferenceContext context = runner.Rent();
            using CudaStream stream = new(devices[0]);
            context["data"].CopyFrom<float>(new float[784]);
            context.Run(stream);
        }, "cuda:0", "cuda:1");
    }
}

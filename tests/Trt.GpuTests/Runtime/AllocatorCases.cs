using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The library's device memory from allocators in C#.</summary>
internal sealed class AllocatorCases(Subject subject)
{
    private const int MostFailures = 6;

    private int requests;

    public void Run()
    {
        subject.Case("all device memory comes from an allocator in C# and goes back to it", () =>
        {
            subject.NeedsCallbacks();
            CountingAllocator allocator = new(subject.Device);
            string? wrong = RunWith(allocator);
            requests = allocator.Requests;
            subject.Checks.Note($"{allocator.Requests} requests, the greatest of {allocator.Most} bytes, alignment up to {allocator.GreatestAlignment}");
            return wrong ?? allocator.Wrong ?? (allocator.Live > 0 ? $"{allocator.Live} blocks were not given back" : Asked(allocator.Requests));
        });
        foreach (bool throws in (bool[])[false, true])
        {
            subject.Case($"an allocator that {(throws ? "throws" : "gives nothing")} at any one request: one exception, no crash, nothing kept", () =>
            {
                subject.NeedsCallbacks();
                if (requests == 0)
                {
                    CountingAllocator count = new(subject.Device);
                    RunWith(count);
                    requests = count.Requests;
                }

                Asked(requests);
                for (int at = 1; at <= Math.Min(requests, MostFailures); at++)
                {
                    if (at > 1 && subject.Plans is RecordedPlans { IsLarge: true })
                    {
                        // Whoever allocates: createExecutionContext of 10.16.1 uses the context of the older code without asking whether there is one.
                        subject.Checks.Note("a context that gets no memory ends the process inside of 10.16.1; left out");
                        break;
                    }

                    CountingAllocator failing = new(subject.Device) { FailsAt = at, Throws = throws };
                    if (subject.Refused<TensorRtException>(() => RunWith(failing), throws ? [nameof(InvalidTimeZoneException)] : []) is { } taken)
                    {
                        return $"request {at} of {requests}: {taken}";
                    }

                    if ((failing.Wrong ?? (failing.Live > 0 ? $"{failing.Live} blocks were not given back" : null)) is { } wrong)
                    {
                        return $"request {at} of {requests}: {wrong}";
                    }
                }

                return RunWith(new CountingAllocator(subject.Device));
            });
        }

        subject.Case("an allocator in stream order", () =>
        {
            subject.Needs("IGpuAllocator.allocateAsync");
            subject.NeedsCallbacks();
            StreamAllocator allocator = new(subject.Device);
            string? wrong = RunWith(allocator);
            subject.Checks.Note($"{allocator.Requests} requests");
            return wrong ?? allocator.Wrong ?? (allocator.Live > 0 ? $"{allocator.Live} blocks were not given back" : Asked(allocator.Requests));
        });
        subject.Case("an allocator for temporary storage of a context", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            CountingAllocator allocator = new(subject.Device);
            run.Context.TemporaryStorageAllocator = allocator;
            string? wrong = run.Run() ?? run.Run();
            bool same = ReferenceEquals(run.Context.TemporaryStorageAllocator, allocator);
            run.Context.TemporaryStorageAllocator = null;
            subject.Checks.Note($"{allocator.Requests} requests");
            return wrong ?? allocator.Wrong ?? (allocator.Live > 0 ? $"{allocator.Live} blocks were not given back" : same ? run.Run() : "the allocator is not read back");
        });
    }

    private string? RunWith(IGpuAllocator allocator)
    {
        using IRuntime runtime = subject.CreateRuntime();
        runtime.SetGpuAllocator(allocator);
        using ICudaEngine engine = runtime.DeserializeCudaEngine(subject.Plans.LeNet);
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        return run.Run();
    }

    private string? Asked(int count) => count > 0 ? null
        : subject.Device.IsHost ? throw new MissingException("the CPU runtime asks no allocator for device memory")
        : "it was never asked";
}

using System.Diagnostics;
using System.Globalization;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Engines and contexts made, run and disposed of thousands of times: what stays behind on the device, in the process and among managed objects.</summary>
internal sealed class LeakPart
{
    private const int Rounds = 10_000;
    private const int WarmUp = 100;

    /// <summary>The driver hands memory out in pieces of 2 MiB; one more of them over 10,000 rounds is no leak, 10,000 times the least is.</summary>
    private const long DeviceAllowance = 2 << 20;

    /// <summary>malloc's arenas and the runtime's heaps move by some MiB; 10,000 lost objects of 6 KiB are more.</summary>
    private const long ProcessAllowance = 64 << 20;

    private readonly PartContext part;
    private readonly Stopwatch all = Stopwatch.StartNew();

    private LeakPart(PartContext part) => this.part = part;

    public static void Run(PartContext part)
    {
        LeakPart leaks = new(part);

        // Several libraries have to fit in the time of all parts; a rehearsal is shorter.
        double seconds = part.Device.IsHost ? 1 : 12;
        foreach (Subject subject in RuntimePart.Subjects(part))
        {
            if (subject.Plans is RecordedPlans { IsLarge: true })
            {
                part.Checks.Skip($"{subject.Name}: engines and contexts leave nothing behind", "its plan of 35 MB is unpacked to a file each time; the other way loads the same runtime");
                continue;
            }

            leaks.Contexts(subject, seconds / 2);
            leaks.Engines(subject, seconds);
        }
    }

    private void Engines(Subject subject, double seconds)
    {
        using IRuntime runtime = subject.CreateRuntime();
        byte[] plan = subject.Plans.LeNet;
        using LeNetMemory memory = new(subject);
        Repeat(subject, "deserialise, run, dispose", seconds, () =>
        {
            using ICudaEngine engine = runtime.DeserializeCudaEngine(plan);
            using IExecutionContext context = engine.CreateExecutionContext();
            memory.Run(context);
        }, memory);
    }

    private void Contexts(Subject subject, double seconds)
    {
        using ICudaEngine engine = subject.LeNet();
        using LeNetMemory memory = new(subject);
        Repeat(subject, "create a context, run, dispose", seconds, () =>
        {
            using IExecutionContext context = engine.CreateExecutionContext();
            memory.Run(context);
        }, memory);
    }

    private void Repeat(Subject subject, string what, double seconds, Action round, LeNetMemory memory) => part.Checks.That($"{subject.Name}: {what}: nothing stays behind", () =>
    {
        for (int i = 0; i < WarmUp; i++)
        {
            round();
        }

        if (memory.Wrong() is { } wrong)
        {
            return wrong;
        }

        long leaksBefore = Leaks.Count;
        (long Device, long Process, long Managed) before = Measure(subject.Device);
        Stopwatch watch = Stopwatch.StartNew();
        int rounds = 0;
        while (rounds < Rounds && watch.Elapsed.TotalSeconds < seconds)
        {
            round();
            rounds++;
        }

        double taken = watch.Elapsed.TotalSeconds;
        (long Device, long Process, long Managed) after = Measure(subject.Device);
        part.Checks.Measure("rounds", rounds, "rounds");
        part.Checks.Measure("rounds a second", rounds / taken, "1/s");
        part.Checks.Measure("device memory more", after.Device - before.Device, "B", DeviceAllowance);
        part.Checks.Measure("resident memory of the process more", after.Process - before.Process, "B", ProcessAllowance);
        part.Checks.Measure("managed memory more", after.Managed - before.Managed, "B", 1 << 20);
        part.Checks.Measure("leaks reported", Leaks.Count - leaksBefore, "objects", 0);
        if (rounds < Rounds)
        {
            part.Checks.Note(string.Create(CultureInfo.InvariantCulture, $"a round takes {taken * 1000 / rounds:F1} ms: {rounds} of {Rounds} fitted into {seconds:F0} s"));
        }

        return memory.Wrong();
    });

    /// <summary>Used memory of the device, resident memory of the process, and what is alive on the managed heap.</summary>
    private static (long Device, long Process, long Managed) Measure(Device device)
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        device.Synchronize();
        MemoryInfo info = device.IsHost ? default : device.Memory;
        long resident = 0;
        if (OperatingSystem.IsLinux())
        {
            string status = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            resident = long.Parse(status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }

        return (info.TotalBytes - info.FreeBytes, resident, GC.GetTotalMemory(forceFullCollection: true));
    }
}

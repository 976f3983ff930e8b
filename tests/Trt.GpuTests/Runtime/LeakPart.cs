using System.Diagnostics;
using System.Globalization;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Engines and contexts made, run and disposed of thousands of times: what stays behind on the device, in the process and among managed objects.</summary>
/// <remarks>What a C++ program leaves behind with the same calls is the library's own, and is measured beside it.</remarks>
internal sealed class LeakPart
{
    private const int Rounds = 10_000;
    private const int WarmUp = 100;
    private const int NativeCount = 500;

    /// <summary>The driver hands memory out in pieces of 2 MiB; two more of them over 10,000 rounds are no leak, 10,000 times the least is.</summary>
    private const long DeviceAllowance = 4 << 20;

    /// <summary>malloc's arenas and the runtime's heaps move by some MiB; 10,000 lost objects of 6 KiB are more.</summary>
    private const long ProcessAllowance = 64 << 20;

    private readonly PartContext part;

    private LeakPart(PartContext part) => this.part = part;

    public static void Run(PartContext part)
    {
        LeakPart leaks = new(part);
        bool rehearsal = part.Device.IsHost;
        foreach (Subject subject in RuntimePart.Subjects(part))
        {
            if (subject.Plans is RecordedPlans { IsLarge: true })
            {
                part.Checks.Skip($"{subject.Name}: engines and contexts leave nothing behind", "its plan of 35 MB is unpacked to a file each time; the other way runs the same code");
                continue;
            }

            // The first way of 8.6.0 gets 10,000 rounds; others less, since the same code runs behind them.
            bool all = part.Library.Version.Major == 8;
            leaks.Engines(subject, rehearsal ? 1 : all ? 150 : 5);
            leaks.Contexts(subject, rehearsal ? 0.5 : all ? 50 : 3);
        }
    }

    private void Engines(Subject subject, double seconds)
    {
        byte[] plan = subject.Plans.LeNet;
        Repeat(subject, "deserialise, run, dispose", "engines", seconds, () => subject.CreateRuntime(), (runtime, memory) =>
        {
            using ICudaEngine engine = ((IRuntime)runtime).DeserializeCudaEngine(plan);
            using IExecutionContext context = engine.CreateExecutionContext();
            memory.Run(context);
        });
    }

    private void Contexts(Subject subject, double seconds) => Repeat(subject, "create a context, run, dispose", "contexts", seconds, () => subject.LeNet(), (engine, memory) =>
    {
        using IExecutionContext context = ((ICudaEngine)engine).CreateExecutionContext();
        memory.Run(context);
    });

    private void Repeat(Subject subject, string what, string native, double seconds, Func<IDisposable> begin, Action<IDisposable, LeNetMemory> round) => part.Checks.That($"{subject.Name}: {what}: nothing stays behind", () =>
    {
        NativeRounds theirs = NativeRounds.Nothing;
        if (subject.Plans is RecordedPlans)
        {
            theirs = NativeRounds.Run(part.Files.Lean(8), Path.Combine(part.Files.Plans, "lenet.vc_excl.plan"), subject.Digits.Value, native, NativeCount);
            part.Checks.Measure("C++ with 8.6.0: a round takes", theirs.Milliseconds, "ms");
            part.Checks.Measure("C++ with 8.6.0: device memory more a round", theirs.Device, "B");
            part.Checks.Measure("C++ with 8.6.0: resident memory of the process more a round", theirs.Resident, "B");
        }

        // More threads make a GPU's rounds slower: they wait for each other in the driver.
        int count = part.Device.IsHost ? 2 : 1;
        long leaksBefore = Leaks.Count;
        int rounds = 0;
        string? wrong = null;
        (long Device, long Process, long Managed) before = default, after = default;
        Stopwatch watch = new();
        using Barrier phase = new(count, barrier =>
        {
            if (barrier.CurrentPhaseNumber == 0)
            {
                before = Measure(subject.Device);
                watch.Start();
            }
            else
            {
                watch.Stop();
                after = Measure(subject.Device);
            }
        });
        Thread[] threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            try
            {
                if (!subject.Device.IsHost)
                {
                    subject.Device.MakeCurrent();
                }

                using IDisposable owner = begin();
                using LeNetMemory memory = new(subject);
                for (int i = 0; i < WarmUp / count; i++)
                {
                    round(owner, memory);
                }

                phase.SignalAndWait();
                while (Interlocked.Increment(ref rounds) <= Rounds && watch.Elapsed.TotalSeconds < seconds && wrong is null)
                {
                    round(owner, memory);
                }

                Interlocked.Decrement(ref rounds);
                phase.SignalAndWait();
                wrong ??= memory.Wrong();
            }
            catch (Exception error)
            {
                wrong ??= error.ToString();
                phase.RemoveParticipant();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        double taken = watch.Elapsed.TotalSeconds;
        part.Checks.Measure("rounds", rounds, "rounds");
        part.Checks.Measure($"rounds a second, by {count} thread{(count == 1 ? string.Empty : "s")}", rounds / taken, "1/s");
        part.Checks.Measure("device memory more", after.Device - before.Device, "B", DeviceAllowance + (rounds * theirs.Device * 1.1));
        part.Checks.Measure("device memory more a round", (double)(after.Device - before.Device) / Math.Max(rounds, 1), "B");
        part.Checks.Measure("resident memory of the process more", after.Process - before.Process, "B", ProcessAllowance + (rounds * theirs.Resident * 1.2));
        part.Checks.Measure("resident memory of the process more a round", (double)(after.Process - before.Process) / Math.Max(rounds, 1), "B");
        part.Checks.Measure("managed memory more", after.Managed - before.Managed, "B", 1 << 20);
        part.Checks.Measure("leaks reported", Leaks.Count - leaksBefore, "objects", 0);
        if (rounds < Rounds)
        {
            part.Checks.Note(string.Create(CultureInfo.InvariantCulture, $"a round takes {taken * 1000 * count / Math.Max(rounds, 1):F1} ms of one thread: {rounds} of {Rounds} fitted into {seconds:F0} s"));
        }

        return wrong;
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

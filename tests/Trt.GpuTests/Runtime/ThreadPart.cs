using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>16 threads with an engine and a context each, while another thread collects garbage all the time: every run gives the same bits.</summary>
internal static class ThreadPart
{
    public static void Run(PartContext part)
    {
        // ONNX Runtime has threads of its own; a rehearsal is to show that the code is right.
        int threads = part.Device.IsHost ? 4 : 16;
        IReadOnlyList<Subject> subjects = RuntimePart.Subjects(part);
        foreach (Subject subject in subjects)
        {
            double seconds = part.Device.IsHost ? 2 : subject.Plans is RecordedPlans { IsLarge: true } ? 5 : subject == subjects[0] ? 60 : 10;
            part.Checks.That($"{subject.Name}: {threads} threads for {seconds} s give equal bits", () => Run(subject, threads, seconds));
        }
    }

    private static string? Run(Subject subject, int count, double seconds)
    {
        float[] expected = new float[200];
        using (ICudaEngine engine = subject.LeNet())
        using (IExecutionContext context = engine.CreateExecutionContext())
        using (LeNetMemory memory = new(subject))
        {
            memory.Run(context);
            memory.Read(expected);
        }

        if (subject.Wrong(expected) is { } first)
        {
            return first;
        }

        byte[] plan = subject.Plans.LeNet;
        string? wrong = null;
        long runs = 0;
        int collections = GC.CollectionCount(0);
        using Barrier ready = new(count + 1);
        using ManualResetEventSlim end = new();
        Thread[] threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            try
            {
                if (!subject.Device.IsHost)
                {
                    subject.Device.MakeCurrent();
                }

                using ICudaEngine engine = subject.Engine(plan);
                using IExecutionContext context = engine.CreateExecutionContext();
                using LeNetMemory memory = new(subject);
                float[] actual = new float[200];
                ready.SignalAndWait();
                while (!end.IsSet && wrong is null)
                {
                    Array.Clear(actual);
                    memory.Run(context);
                    memory.Read(actual);
                    long number = Interlocked.Increment(ref runs);
                    if (!MemoryMarshal.AsBytes(actual.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan())))
                    {
                        wrong ??= $"run {number} differs in value {actual.AsSpan().CommonPrefixLength(expected)}";
                    }
                }
            }
            catch (Exception error)
            {
                wrong ??= error.ToString();
                ready.RemoveParticipant();
            }
        }))];
        Thread collector = new(() =>
        {
            while (!end.Wait(TimeSpan.FromMilliseconds(20)))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        Array.ForEach(threads, thread => thread.Start());
        ready.SignalAndWait();
        collector.Start();
        Stopwatch watch = Stopwatch.StartNew();
        while (wrong is null && watch.Elapsed.TotalSeconds < seconds)
        {
            end.Wait(TimeSpan.FromMilliseconds(100));
        }

        end.Set();
        Array.ForEach(threads, thread => thread.Join());
        collector.Join();
        subject.Checks.MeasureAtLeast("runs", Interlocked.Read(ref runs), "runs", count);
        subject.Checks.Measure("runs a second", runs / watch.Elapsed.TotalSeconds, "1/s");
        subject.Checks.Measure("collections meanwhile", GC.CollectionCount(0) - collections, "collections");
        return wrong;
    }
}

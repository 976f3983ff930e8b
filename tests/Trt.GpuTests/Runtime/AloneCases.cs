using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Misuse that the device or the library may take badly: each in a process of its own, which must not crash. What it is told is printed.</summary>
internal sealed class AloneCases(Subject subject, PartContext part)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const string ConcurrentUse = "two threads at once on one context";

    private static readonly (string Name, Func<Subject, string> Run)[] All =
    [
        ("host memory as an input's address", HostMemory),
        ("memory that was freed as an output's address", FreedMemory),
        ("the handle of a stream that was destroyed", DestroyedStream),
        ("an address that is not aligned", Unaligned),
        (ConcurrentUse, TwoThreads),
        ("plans with another byte in the middle", ChangedPlans),
    ];

    public void Run()
    {
        foreach ((string name, _) in All)
        {
            subject.Case($"alone: {name}", () =>
            {
                string folder = Directory.CreateTempSubdirectory("trt-alone-").FullName;
                try
                {
                    string digits = Path.GetDirectoryName(subject.Files.Find("lenet_golden.npz"))!;
                    new ChildTask(subject.Name, part.Found, subject.Files.Libraries, [digits, Path.GetDirectoryName(subject.Files.TryFind("lenet.onnx")) ?? digits], subject.Plans is RecordedPlans ? subject.Files.Plans : null, []).Write(folder);
                    (string output, string? end) = Verbs.Wait(Verbs.Start("alone", name, folder), Limit);
                    foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(12))
                    {
                        subject.Checks.Note(line);
                    }

                    if (name == ConcurrentUse && end?.Contains("signal", StringComparison.Ordinal) == true)
                    {
                        // TensorRT leaves open what becomes of it, here as in C++; 8.6.0 may free its memory twice. A hang fails.
                        subject.Checks.Note(end);
                        return null;
                    }

                    return end;
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            });
        }
    }

    /// <summary>The child: does one of them and prints what came of it.</summary>
    public static int Child(string name, string folder)
    {
        ChildTask task = ChildTask.Read(folder);
        Device device = Device.All[0];
        if (!device.IsHost)
        {
            device.MakeCurrent();
        }

        PartContext context = new(new Checks(Console.Out), new Files(task.Found, task.Plans, task.Data), device, Console.Out, task.On, new HashSet<string>());
        Subject on = RuntimePart.Subjects(context).First(one => one.Name == task.Part);
        Func<Subject, string> run = All.First(one => one.Name == name).Run;
        try
        {
            Console.WriteLine(run(on));
        }
        catch (Exception error) when (error is TensorRtException or CudaException or ObjectDisposedException)
        {
            Console.WriteLine($"{error.GetType().Name}: {error.Message}");
        }

        // What the device's context holds cannot be given back after a fault of the device; the driver does it at the end of the process.
        Console.Out.Flush();
        Environment.Exit(0);
        return 0;
    }

    private static string HostMemory(Subject subject)
    {
        ICudaEngine engine = subject.LeNet();
        LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        float[] digits = GC.AllocateArray<float>(20 * 784 + 64, pinned: true);
        nint address = (Marshal.UnsafeAddrOfPinnedArrayElement(digits, 0) + 255) & ~255;
        Marshal.Copy(subject.Digits.Value, 0, address, 20 * 784);
        run.Context.SetTensorAddress("data", address);
        run.Enqueue();
        string said = run.Wrong() ?? "the device read the host's memory, and the answers are right";
        GC.KeepAlive(digits);
        return said;
    }

    private static string FreedMemory(Subject subject)
    {
        ICudaEngine engine = subject.LeNet();
        LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        if (subject.Device.IsHost)
        {
            return "in host memory this would write over what the process uses";
        }

        DeviceMemory<byte> memory = new(64 << 20, subject.Device);
        nint address = memory.Pointer;
        memory.Dispose();
        run.Context.SetTensorAddress("prob", address);
        run.Context.EnqueueV3(run.Stream);
        run.Stream.Synchronize();
        return "nothing noticed it";
    }

    private static string DestroyedStream(Subject subject)
    {
        ICudaEngine engine = subject.LeNet();
        LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        CudaStream stream = new(subject.Device);
        nint handle = stream.Handle;
        stream.Dispose();
        run.Context.EnqueueV3(handle);
        subject.Device.Synchronize();
        return "nothing noticed it";
    }

    private static string Unaligned(Subject subject)
    {
        ICudaEngine engine = subject.LeNet();
        LeNetRun run = new(subject, engine.CreateExecutionContext(), 1);
        DeviceMemory<byte> memory = new(1 << 20, subject.Device);
        run.Context.SetTensorAddress("prob", memory.Pointer + 4);
        run.Context.EnqueueV3(run.Stream);
        run.Stream.Synchronize();
        float[] values = memory.Slice(4, 40).Cast<float>().ToArray();
        return subject.Wrong(values) ?? "nothing noticed it, and the answers are right";
    }

    private static string TwoThreads(Subject subject)
    {
        ICudaEngine engine = subject.LeNet();
        LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        int failed = 0;
        string? first = null;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                try
                {
                    run.Context.SetInputShape("data", [20, 1, 28, 28]);
                    run.Context.EnqueueV3(run.Stream);
                    run.Stream.Synchronize();
                }
                catch (Exception error) when (error is TensorRtException or CudaException)
                {
                    first ??= error.Message;
                    Interlocked.Increment(ref failed);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return $"{failed} of 400 runs failed{(first is null ? string.Empty : $", the first with: {first}")}; afterwards: {run.Run() ?? "right answers"}";
    }

    private static string ChangedPlans(Subject subject)
    {
        byte[] plan = subject.Plans.LeNet;
        int refused = 0, taken = 0;
        for (int i = 1; i < 12; i++)
        {
            int at = (int)((long)plan.Length * i / 12);
            plan[at] ^= 0x55;
            try
            {
                using ICudaEngine engine = subject.Engine(plan);
                taken++;
            }
            catch (TensorRtException error)
            {
                refused++;
                Console.WriteLine($"byte {at}: {error.Message.ReplaceLineEndings(" | ")[..Math.Min(160, error.Message.Length)]}");
            }

            plan[at] ^= 0x55;
        }

        return $"{refused} refused, {taken} taken: what is inside of weights and kernels has no check of its own; EngineFile compares the plan's hash";
    }
}

using System.Diagnostics;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>How long post-processing takes: medians of calls queued one behind another, so that launches are hidden where the kernels are longer.</summary>
internal sealed class PostprocessingTimes(Checks checks, Device device)
{
    private const int Calls = 50;

    public void Run()
    {
        checks.That("times of scores", () =>
        {
            using TwinRun run = new(device);
            DeviceMemory<float> scores = run.Up(ScoreChecks.Values(256 * 1000, ScoreChecks.Content.Uniform)), probabilities = run.Room<float>(256 * 1000);
            DeviceMemory<int> best = run.Room<int>(256);
            Time(run, "softmax and argmax [256, 1000]", () =>
            {
                DeviceScores.Softmax(scores, 1000, 1, probabilities, run.Stream);
                DeviceScores.Argmax(probabilities, 1000, 1, best, run.Stream);
            });
            TopK(run, 256, 1000, 5);
            TopK(run, 8, 120000, 1000);
            TopK(run, 1, 200000, 1000);
            return null;
        });
        checks.That("times of suppression", () =>
        {
            using TwinRun run = new(device);
            foreach (BoxRotation rotation in (BoxRotation[])[BoxRotation.None, BoxRotation.Angle])
            {
                foreach (int count in (int[])[1000, 5000])
                {
                    BoxSuppression suppression = new(1, count, 100, new(0.5f, 0.05f, Rotation: rotation));
                    DeviceMemory<float> boxes = run.Up(BoxChecks.Boxes(count, rotation)), scores = run.Up(ScoreChecks.Values(count, ScoreChecks.Content.Uniform));
                    DeviceMemory<int> classes = run.Up(Enumerable.Range(0, count).Select(i => i % 80).ToArray()), kept = run.Room<int>(count), counts = run.Room<int>(1);
                    DeviceMemory<byte> workspace = run.Room<byte>(suppression.WorkspaceBytes);
                    Time(run, $"suppression of {count}, {rotation}, 80 classes, 100 kept", () => suppression.Run(boxes, scores, classes, kept, counts, workspace, run.Stream));
                    BoxSuppression all = new(1, count, count, new(0.5f, Rotation: rotation));
                    Time(run, $"suppression of {count}, {rotation}, one class, all kept", () => all.Run(boxes, scores, null, kept, counts, workspace, run.Stream));
                }
            }

            return null;
        });
    }

    private void TopK(TwinRun run, int rows, int width, int k)
    {
        TopKSelection selection = new(rows, width, k);
        DeviceMemory<float> scores = run.Up(ScoreChecks.Values(rows * width, ScoreChecks.Content.Uniform)), values = run.Room<float>(rows * k);
        DeviceMemory<int> places = run.Room<int>(rows * k);
        DeviceMemory<byte> workspace = run.Room<byte>(selection.WorkspaceBytes);
        Time(run, $"top-k [{rows}, {width}] k={k}", () => selection.Run(scores, values, places, workspace, run.Stream));
    }

    private void Time(TwinRun run, string name, Action call)
    {
        for (int i = 0; i < 5; i++)
        {
            call();
        }

        run.Stream.Synchronize();
        List<double> times = [];
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long allocated = 0;
        for (int round = 0; round < 7; round++)
        {
            bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calls; i++)
            {
                call();
            }

            run.Stream.Synchronize();
            double time = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Calls;
            allocated = Math.Max(allocated, GC.GetAllocatedBytesForCurrentThread() - bytes);
            times.Add(time);
        }

        times.Sort();
        checks.Measure(name, times[times.Count / 2], "us");
        checks.Measure(name + ", allocated", allocated, "B", 0);
    }
}

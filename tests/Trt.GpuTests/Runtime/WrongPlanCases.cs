using System.Text;
using Trt.Interop;

namespace Trt.GpuTests;

/// <summary>Plans that are empty, cut off, of something else, or of another release.</summary>
internal sealed class WrongPlanCases(Subject subject)
{
    public void Run()
    {
        subject.Case("an empty plan, a few bytes, text, a program", () =>
        {
            byte[][] wrong = [[], [1], new byte[24], new byte[4096], Encoding.UTF8.GetBytes(new string('x', 5000)), File.ReadAllBytes(Environment.ProcessPath!)[..4096]];
            return All(wrong.Select((plan, i) => ($"number {i} of {plan.Length} bytes", plan)));
        });
        subject.Case("plans that are cut off", () =>
        {
            byte[] plan = subject.Plans.LeNet;
            int[] lengths = [4, 16, 24, 32, 63, 64, 100, 200, 1000, plan.Length / 4, plan.Length / 2, plan.Length - 4096, plan.Length - 1];
            return All(lengths.Select(length => ($"{length} of {plan.Length} bytes", plan[..length])));
        });
        subject.Case("plans of other releases", () =>
        {
            List<(string Name, byte[] Plan)> foreign = [("one with another product's tag", Changed(subject.Plans.LeNet, 0, (byte)'v', (byte)'t'))];
            if (!subject.Device.IsHost)
            {
                byte[] ofCpu = [.. "TRTCPU\x1a\n"u8, .. new byte[5000]];
                foreign.Add(("the CPU runtime's", ofCpu));
            }

            return All(foreign);
        });
        subject.Case("plans with another byte in the head", () =>
        {
            // 8.6.0 looks at neither the release (bytes 24 to 27) nor what is reserved (4 to 7, 28 to 31); PlanHead does at the first.
            byte[] plan = subject.Plans.LeNet;
            int taken = 0;
            for (int at = 0; at < 32; at++)
            {
                byte[] wrong = Changed(plan, at, (byte)(plan[at] ^ 0x41));
                try
                {
                    using IRuntime runtime = subject.CreateRuntime();
                    runtime.DeserializeCudaEngine(wrong).Dispose();
                    taken++;
                }
                catch (TensorRtException)
                {
                    // As it should be.
                }
            }

            subject.Checks.Note($"{32 - taken} of 32 refused");
            return taken > 12 ? $"{taken} were taken" : null;
        });
    }

    private string? All(IEnumerable<(string Name, byte[] Plan)> plans)
    {
        foreach ((string name, byte[] plan) in plans)
        {
            using IRuntime runtime = subject.CreateRuntime();
            subject.Checks.Note($"{name}:");
            if (subject.Refused<TensorRtException>(() => runtime.DeserializeCudaEngine(plan).Dispose()) is { } taken)
            {
                return $"{name}: {taken}";
            }
        }

        return null;
    }

    private static byte[] Changed(byte[] plan, int at, params byte[] bytes)
    {
        byte[] copy = [.. plan];
        bytes.CopyTo(copy, at);
        return copy;
    }
}

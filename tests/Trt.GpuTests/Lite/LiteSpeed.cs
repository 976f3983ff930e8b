using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Lite;

namespace Trt.GpuTests;

/// <summary>Lite's calls with numbers of the host in and out against the loop in C++, block by block in turns.</summary>
internal sealed class LiteSpeed(NativeLoops loops, DoubleBufferDriver driver, int major, Device device, Engine engine, ICudaEngine other, Checks checks) : IDisposable
{
    private const double Limit = 1.05;

    /// <summary>Milliseconds before each measurement: the code is compiled a second time, for speed, only after a while.</summary>
    private const int Warm = 250;

    private DoubleBufferLoop? loop;

    /// <summary>A call for each run, waited for.</summary>
    public void Latency(LiteNumbers numbers, LitePlan plan)
    {
        HostTensor input = new(ShapeOf(plan.Rows), engine.Inputs[0].DataType, numbers.InputBytes.ToArray());
        DoubleBufferLoop native = Take(input, 1);
        Turns turns = Turns.Measure(runs => native.OneByOne(driver, runs), runs =>
        {
            for (long run = 0; run < runs; run++)
            {
                numbers.Infer(engine);
            }
        }, Math.Max(4, plan.Runs / 2), blocks: 41, warm: Warm);
        Report($"latency, {plan.Rows} a run", turns);
        checks.Measure($"latency, {plan.Rows} a run, allocated", turns.Allocated, "B", 0);
    }

    /// <summary>One call for many runs.</summary>
    public void Throughput(HostTensor input, LitePlan plan)
    {
        DoubleBufferLoop native = Take(input, plan.Runs);
        byte[] one = input.As(engine.Inputs[0].DataType);
        byte[] all = [.. Enumerable.Repeat(one, plan.Runs).SelectMany(bytes => bytes)];
        int[] lengths = [.. Enumerable.Range(0, engine.Outputs.Length).Select(output => native.Output(output, 0).Length)];
        Memory<float>[] outputs = [.. lengths.Select(length => (Memory<float>)new float[length * plan.Runs])];
        ReadOnlyMemory<float>[] floats = [MemoryMarshal.Cast<byte, float>(all).ToArray()];
        ReadOnlyMemory<int>[] integers = [MemoryMarshal.Cast<byte, int>(all).ToArray()];
        bool isFloat = engine.Inputs[0].DataType == DataType.Float;
        Turns turns = Turns.Measure(runs => native.Overlapped(driver, runs), runs => _ = isFloat ? engine.Infer<float, float>(floats, outputs) : engine.Infer<int, float>(integers, outputs), plan.Runs, blocks: 25, warm: Warm);
        Report($"throughput, {plan.FullRows} a run, {plan.Runs} runs", turns);

        // What a call of many runs costs besides them is no hot path; a recorded graph would show here.
        checks.Measure($"throughput, {plan.FullRows} a run, {plan.Runs} runs, allocated for each", turns.Allocated / (25.0 * plan.Runs), "B", 64);
        checks.Measure("samples a second, Lite", plan.FullRows * 1e9 / turns.Managed, "1/s");
        for (int output = 0; output < outputs.Length; output++)
        {
            for (int run = 0; run < plan.Runs; run += plan.Runs - 1)
            {
                if (!native.Output(output, run).SequenceEqual(outputs[output].Span.Slice(run * lengths[output], lengths[output])))
                {
                    throw new InvalidOperationException($"Run {run}, output {output}: Lite and the loop in C++ have different values.");
                }
            }
        }
    }

    public void Dispose() => loop?.Dispose();

    /// <summary>The loop for an input; the one before goes, since a profile has one context.</summary>
    private DoubleBufferLoop Take(HostTensor input, int runs)
    {
        loop?.Dispose();
        return loop = new DoubleBufferLoop(loops.Module, major, device, other, input, runs, graphs: !device.IsHost);
    }

    private Dims ShapeOf(int rows)
    {
        Dims shape = engine.Inputs[0].Shape;
        shape[0] = shape[0] < 0 ? rows : shape[0];
        return shape;
    }

    private void Report(string name, Turns turns)
    {
        checks.Measure($"{name}, C++", turns.Native / 1000, "us");
        checks.Measure($"{name}, Lite", turns.Managed / 1000, "us");
        checks.Measure($"{name}, ratio", turns.Ratio, "x", Limit);
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Outputs whose size only the run finds.</summary>
internal sealed class OutputCases(Subject subject)
{
    public void Run()
    {
        subject.Case("outputs of data-dependent size through an output allocator", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.Engine(subject.Plans.NonZero);
            using IExecutionContext context = engine.CreateExecutionContext();
            using GrowingOutput indices = new(subject.Device);
            context.SetOutputAllocator("indices", indices);
            if (!ReferenceEquals(context.GetOutputAllocator("indices"), indices))
            {
                return "the allocator is not read back";
            }

            foreach (int rows in (int[])[4, 1, 3, 4])
            {
                if (Indices(context, indices, rows, i => i % 3) is { } wrong)
                {
                    return $"{rows} rows: {wrong}";
                }
            }

            return Indices(context, indices, 2, _ => 0) is { } empty ? $"nothing but zeros: {empty}" : Indices(context, indices, 4, i => i + 1) is { } full ? $"no zeros: {full}" : null;
        });
        subject.Case("an output allocator for an output of known size", () =>
        {
            subject.NeedsCallbacks();
            using ICudaEngine engine = subject.LeNet();
            using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
            using GrowingOutput prob = new(subject.Device);
            if (subject.Plans is RecordedPlans { IsLarge: true })
            {
                return subject.Refused<NotSupportedException>(() => run.Context.SetOutputAllocator("prob", prob), "IOutputAllocator", "before TensorRT 10", "TensorRt.Load") ?? run.Run();
            }

            run.Context.SetTensorAddress("prob", 0);
            run.Context.SetOutputAllocator("prob", prob);
            run.Context.EnqueueV3(run.Stream);
            run.Stream.Synchronize();
            if (prob.Calls == 0 || prob.Shape != new Dims(20, 10))
            {
                return $"{prob.Calls} calls, shape {prob.Shape}";
            }

            float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(prob.Read(800)).ToArray();
            run.Context.SetOutputAllocator("prob", null);
            run.Context.SetTensorAddress("prob", run.Prob.Pointer);
            return subject.Wrong(values) ?? run.Run();
        });
        foreach (bool throws in (bool[])[false, true])
        {
            subject.Case($"an output allocator that {(throws ? "throws" : "gives nothing")} fails the run, and the next one works", () =>
            {
                subject.NeedsCallbacks();
                using ICudaEngine engine = subject.Engine(subject.Plans.NonZero);
                using IExecutionContext context = engine.CreateExecutionContext();
                RefusingOutput refusing = new(throws);
                context.SetOutputAllocator("indices", refusing);
                using GrowingOutput indices = new(subject.Device);
                string? wrong = subject.Refused<TensorRtException>(() => Indices(context, indices, 2, i => i % 2), throws ? [nameof(InvalidTimeZoneException)] : []);
                subject.Device.Synchronize();
                context.SetOutputAllocator("indices", indices);
                return wrong ?? (refusing.Calls == 0 ? "it was never asked" : Indices(context, indices, 2, i => i % 2));
            });
        }
    }

    /// <summary>Runs the NonZero plan; expected numbers come from looking at the input.</summary>
    private string? Indices(IExecutionContext context, GrowingOutput indices, int rows, Func<int, int> value)
    {
        float[] x = [.. Enumerable.Range(0, rows * 8).Select(i => (float)value(i))];
        using DeviceMemory<float> input = new(x.Length, subject.Device), neg = new(x.Length, subject.Device);
        using CudaStream stream = new(subject.Device);
        input.CopyFrom(x);
        context.SetInputShape("x", [rows, 8]);
        context.SetTensorAddress("x", input.Pointer);
        context.SetTensorAddress("neg", neg.Pointer);
        context.EnqueueV3(stream);
        stream.Synchronize();
        int[] found = [.. Enumerable.Range(0, x.Length).Where(i => x[i] != 0)];
        if (indices.Shape != new Dims(2, found.Length))
        {
            return $"shape {indices.Shape}, expected [2, {found.Length}]";
        }

        bool wide = context.Engine.GetTensorDataType("indices") == DataType.Int64;
        byte[] bytes = found.Length == 0 ? [] : indices.Read(found.Length * 2 * (wide ? 8 : 4));
        long[] actual = wide ? System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes).ToArray() : Array.ConvertAll(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes).ToArray(), index => (long)index);
        long[] expected = [.. found.Select(i => (long)i / 8), .. found.Select(i => (long)i % 8)];
        return !actual.AsSpan().SequenceEqual(expected) ? $"{string.Join(' ', actual)}, expected {string.Join(' ', expected)}"
            : neg.ToArray().AsSpan().SequenceEqual(Array.ConvertAll(x, number => -number)) ? null
            : "neg is wrong";
    }

    private sealed class RefusingOutput(bool throws) : IOutputAllocator
    {
        public int Calls { get; private set; }

        public nint ReallocateOutput(string tensorName, nint currentMemory, ulong size, ulong alignment)
        {
            Calls++;
            return throws ? throw new InvalidTimeZoneException("no memory for outputs today") : 0;
        }

        public void NotifyShape(string tensorName, Dims dims)
        {
        }
    }
}

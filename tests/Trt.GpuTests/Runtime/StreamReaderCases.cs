using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Plans that are read piece by piece.</summary>
internal sealed class StreamReaderCases(Subject subject)
{
    private enum Manner
    {
        Whole,
        Crumbs,
        Throws,
        EndsEarly,
        Rubbish,
    }

    public void Run()
    {
        foreach (Manner manner in Enum.GetValues<Manner>())
        {
            subject.Case($"a plan from IStreamReader: {Words(manner)}", () => Read(manner, "IStreamReader", (runtime, plan) => runtime.DeserializeCudaEngine(new Reader(plan, manner))));
            subject.Case($"a plan from IStreamReaderV2: {Words(manner)}", () => Read(manner, "IStreamReaderV2", (runtime, plan) => runtime.DeserializeCudaEngine(new ReaderV2(plan, manner, subject.Device))));
        }
    }

    private static string Words(Manner manner) => manner switch
    {
        Manner.Whole => "as much as it asks for",
        Manner.Crumbs => "in crumbs of 64 KiB",
        Manner.Throws => "a reader that throws",
        Manner.EndsEarly => "it ends early",
        _ => "rubbish",
    };

    private string? Read(Manner manner, string kind, Func<IRuntime, byte[], ICudaEngine> read)
    {
        subject.Needs(kind + ".read");
        using IRuntime runtime = subject.CreateRuntime();
        byte[] plan = subject.Plans.LeNet;
        if (!subject.Plans.TakesCallbacks)
        {
            return subject.Refused<NotSupportedException>(() => read(runtime, plan).Dispose(), kind, "LoadRuntime");
        }

        if (kind == "IStreamReaderV2" && subject.Plans is RecordedPlans)
        {
            // 10.16.1 reads plans of its own form only in this way.
            return subject.Refused<TensorRtException>(() => read(runtime, plan).Dispose(), manner == Manner.Throws ? [nameof(InvalidTimeZoneException)] : []);
        }

        if (manner is Manner.Throws or Manner.EndsEarly or Manner.Rubbish)
        {
            return subject.Refused<TensorRtException>(() => Taken(() => read(runtime, plan)).Dispose(), manner == Manner.Throws ? [nameof(InvalidTimeZoneException)] : []);
        }

        using ICudaEngine engine = Taken(() => read(runtime, plan));
        using LeNetRun run = new(subject, engine.CreateExecutionContext(), 20);
        return run.Run();
    }

    /// <summary>The overloads of one name differ by release, and only the call tells which there are.</summary>
    private static ICudaEngine Taken(Func<ICudaEngine> read)
    {
        try
        {
            return read();
        }
        catch (NotInThisReleaseException absent)
        {
            throw new MissingException(absent.Message);
        }
    }

    /// <summary>How many bytes are given for a wish, and which.</summary>
    private static int Give(byte[] plan, long at, long wanted, Manner manner, Span<byte> destination)
    {
        long most = manner switch
        {
            Manner.Crumbs => 64 << 10,
            _ => long.MaxValue,
        };
        long end = manner == Manner.EndsEarly ? plan.Length / 2 : plan.Length;
        int count = (int)Math.Max(0, Math.Min(Math.Min(wanted, most), end - at));
        plan.AsSpan((int)Math.Min(at, plan.Length), count).CopyTo(destination);
        if (manner == Manner.Rubbish)
        {
            for (int i = 0; i < count; i++)
            {
                destination[i] = (byte)((at + i) * 31);
            }
        }

        return count;
    }

    private sealed class Reader(byte[] plan, Manner manner) : IStreamReader
    {
        private long at;
        private int calls;

        public long Read(Span<byte> destination)
        {
            if (manner == Manner.Throws && calls++ > 0)
            {
                throw new InvalidTimeZoneException("nothing more to read today");
            }

            int count = Give(plan, at, destination.Length, manner == Manner.Throws ? Manner.Crumbs : manner, destination);
            at += count;
            return count;
        }
    }

    private sealed class ReaderV2(byte[] plan, Manner manner, Device device) : IStreamReaderV2
    {
        private long at;
        private int calls;

        public long Read(nint destination, long nbBytes, nint stream)
        {
            if (manner == Manner.Throws && calls++ > 0)
            {
                throw new InvalidTimeZoneException("nothing more to read today");
            }

            byte[] bytes = new byte[Math.Min(nbBytes, plan.Length)];
            int count = Give(plan, at, bytes.Length, manner == Manner.Throws ? Manner.Crumbs : manner, bytes);
            if (device.Api.Memory.IsDeviceMemory(destination))
            {
                DeviceMemory<byte>.FromPointer(destination, count, device).CopyFrom(bytes.AsSpan(0, count));
            }
            else
            {
                Marshal.Copy(bytes, 0, destination, count);
            }

            at += count;
            return count;
        }

        public bool Seek(long offset, SeekPosition where)
        {
            long target = where switch { SeekPosition.Set => offset, SeekPosition.Cur => at + offset, _ => plan.Length + offset };
            if (target < 0 || target > plan.Length)
            {
                return false;
            }

            at = target;
            return true;
        }
    }
}

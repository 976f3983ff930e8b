using System.Buffers;
using System.Numerics;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The files of one call, which lanes take as they have time.</summary>
internal sealed class JpegBatch
{
    private readonly Lock gate = new();
    private MemoryHandle[] pins = [];
    private int[] baseline = [];
    private int[] others = [];
    private int firstBaseline;
    private int endBaseline;
    private int firstOther;
    private int endOther;

    /// <summary>How many files there are.</summary>
    public int Count { get; private set; }

    public DeviceImage[] Images { get; private set; } = [];

    public int[] Lengths { get; private set; } = [];

    /// <summary>The headers' <see cref="JpegHeader.Frame"/>.</summary>
    public ulong[] Frames { get; private set; } = [];

    public List<JpegFailure> Failures { get; } = [];

    /// <summary>What a lane died of, if one did.</summary>
    public Exception? Fault { get; set; }

    public Func<int, string> Name { get; private set; } = static index => $"picture {index}";

    public unsafe byte* File(int index) => (byte*)pins[index].Pointer;

    public unsafe ReadOnlySpan<byte> Span(int index) => new(pins[index].Pointer, Lengths[index]);

    /// <summary>Reads the headers and lays out the pictures, one after another, each at a multiple of 256 bytes.</summary>
    /// <returns>Bytes of device memory; addresses are offsets as yet.</returns>
    public long Fill(ReadOnlySpan<ReadOnlyMemory<byte>> files, Func<int, string>? name)
    {
        Unpin();
        if (pins.Length < files.Length)
        {
            pins = new MemoryHandle[files.Length];
            baseline = new int[files.Length];
            others = new int[files.Length];
            Images = new DeviceImage[files.Length];
            Lengths = new int[files.Length];
            Frames = new ulong[files.Length];
        }

        Failures.Clear();
        Fault = null;
        Name = name ?? (static index => $"picture {index}");
        (Count, firstBaseline, endBaseline, firstOther, endOther) = (files.Length, 0, 0, 0, 0);
        long bytes = 0;
        for (int i = 0; i < files.Length; i++)
        {
            Images[i] = default;
            if (JpegHeader.Read(files[i].Span, out JpegHeader header) is { } problem)
            {
                Failures.Add(new JpegFailure(i, new ImageFormatException(Name(i), problem)));
                continue;
            }

            long pitch = header.Width * 3L;
            Images[i] = new DeviceImage((nint)bytes, header.Width, header.Height, pitch, PixelFormat.Rgb24);
            bytes += ((pitch * header.Height) + 255) & ~255L;
            Lengths[i] = files[i].Length;
            Frames[i] = header.Frame;
            pins[i] = files[i].Pin();
            if (header.IsBaseline)
            {
                baseline[endBaseline++] = i;
            }
            else
            {
                others[endOther++] = i;
            }
        }

        return bytes;
    }

    /// <summary>Gives the pictures their addresses.</summary>
    public void Place(nint memory)
    {
        foreach (int i in baseline.AsSpan(0, endBaseline))
        {
            Images[i] = Images[i] with { Pointer = memory + Images[i].Pointer };
        }

        foreach (int i in others.AsSpan(0, endOther))
        {
            Images[i] = Images[i] with { Pointer = memory + Images[i].Pointer };
        }
    }

    /// <summary>Takes some files for a lane; shares become smaller towards the end, so that all lanes finish together.</summary>
    /// <param name="taken">Room for their places in the batch.</param>
    /// <param name="kinds">What the lane decodes: what others cannot comes first.</param>
    /// <param name="least">Fewer are no gain for the lane.</param>
    /// <returns>How many; 0: the batch is given out.</returns>
    public int Take(Span<int> taken, JpegKinds kinds, int least)
    {
        lock (gate)
        {
            if (kinds.HasFlag(JpegKinds.Others) && endOther > firstOther)
            {
                taken[0] = others[firstOther++];
                return 1;
            }

            if (!kinds.HasFlag(JpegKinds.Baseline))
            {
                return 0;
            }

            // Powers of two, for nvJPEG prepares itself anew for each size of batch.
            int left = endBaseline - firstBaseline;
            int count = Math.Min(left, Math.Min(taken.Length, Math.Max(least, 1 << BitOperations.Log2((uint)(left / 4) | 1))));
            baseline.AsSpan(firstBaseline, count).CopyTo(taken);
            firstBaseline += count;
            return count;
        }
    }

    public void Fail(int index, ImageFormatException error)
    {
        lock (gate)
        {
            Images[index] = default;
            Failures.Add(new JpegFailure(index, error));
        }
    }

    public void Die(Exception error)
    {
        lock (gate)
        {
            Fault ??= error;
            firstBaseline = endBaseline;
            firstOther = endOther;
        }
    }

    /// <summary>Lets go of the files' memory; the device must be done with it.</summary>
    public void Unpin()
    {
        for (int i = 0; i < Count; i++)
        {
            pins[i].Dispose();
            pins[i] = default;
        }

        Count = 0;
    }
}

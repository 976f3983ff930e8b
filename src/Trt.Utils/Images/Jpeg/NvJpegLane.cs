using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>nvJPEG on a thread: files one by one with a hybrid backend, or many at once on the hardware or the GPU.</summary>
internal sealed unsafe class NvJpegLane : JpegLane
{
    /// <summary>Two, so that the next files are prepared while the device decodes those before.</summary>
    private const int States = 2;

    private readonly NvJpegHandle handle;
    private readonly NvJpegState[] states = new NvJpegState[States];
    private readonly TurboJpegCopy fallback;
    private readonly bool isBatched;
    private readonly nint parsed;
    private ulong accepted;
    private int turn;

    /// <param name="handle">nvJPEG with the lane's backend.</param>
    /// <param name="device">The device.</param>
    /// <param name="most">Files at once, at most.</param>
    /// <param name="least">Files at once where there are as many.</param>
    /// <param name="kinds">What it decodes: baseline files, many at once, or others too, one by one.</param>
    /// <param name="asksHardware">Whether the library is asked for each file if it takes it.</param>
    public NvJpegLane(NvJpegHandle handle, Device device, int most, int least, JpegKinds kinds, bool asksHardware)
        : base(device, most, least, kinds)
    {
        this.handle = handle;
        isBatched = !kinds.HasFlag(JpegKinds.Others);
        using DeviceScope scope = device.Use();
        for (int i = 0; i < States; i++)
        {
            states[i] = new NvJpegState(handle, device);
        }

        if (asksHardware && handle.Functions.KnowsHardware)
        {
            nint stream;
            NvJpegHandle.Check(handle.Functions.StreamCreate(handle.Handle, &stream), "nvjpegJpegStreamCreate");
            parsed = stream;
        }

        fallback = new TurboJpegCopy(device);
    }

    protected override void Submit(JpegBatch files, ReadOnlySpan<int> indices)
    {
        turn = (turn + 1) % States;
        if (!isBatched)
        {
            Retry(files, indices[0], states[turn].Decode(files, indices[0], Stream));
            return;
        }

        Span<int> taken = stackalloc int[indices.Length];
        int count = 0;
        foreach (int index in indices)
        {
            if (Takes(files, index))
            {
                taken[count++] = index;
            }
            else
            {
                fallback.Decode(files, index, Stream);
            }
        }

        if (count == 0)
        {
            return;
        }

        NvJpegStatus status = states[turn].Decode(files, taken[..count], Stream);
        if (status != NvJpegStatus.Success)
        {
            // It does not say which file it was: the CPU's decoder does.
            foreach (int index in taken[..count])
            {
                Retry(files, index, status);
            }
        }
    }

    protected override void Release()
    {
        using DeviceScope scope = Device.Use();
        Array.ForEach(states, state => state.Dispose());
        if (parsed != 0)
        {
            _ = handle.Functions.StreamDestroy(parsed);
        }

        fallback.Dispose();
    }

    private bool Takes(JpegBatch files, int index)
    {
        if (parsed == 0)
        {
            return true;
        }

        // Files of one camera or program have one frame header, and one answer.
        ulong frame = files.Frames[index];
        if (frame == accepted)
        {
            return true;
        }

        int answer = -1;
        bool takes = handle.Functions.StreamParseHeader(handle.Handle, files.File(index), (nuint)files.Lengths[index], parsed) == NvJpegStatus.Success
            && handle.Functions.DecodeBatchedSupported(handle.Handle, parsed, &answer) == NvJpegStatus.Success
            && answer == 0;
        accepted = takes ? frame : accepted;
        return takes;
    }

    private void Retry(JpegBatch files, int index, NvJpegStatus status)
    {
        if (status is NvJpegStatus.Success)
        {
            return;
        }

        if (status is NvJpegStatus.ExecutionFailed or NvJpegStatus.AllocatorFailure)
        {
            NvJpegHandle.Check(status, "Decoding");
        }

        try
        {
            fallback.Decode(files, index, Stream);
        }
        catch (DllNotFoundException)
        {
            files.Fail(index, new ImageFormatException(files.Name(index), $"The JPEG cannot be decoded: nvJPEG says that {NvJpegFunctions.Describe(status)}."));
        }
    }
}

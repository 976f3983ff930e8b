using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Decodes one file after another into page-locked memory, in turns, and queues the copies to the device.</summary>
internal sealed unsafe class TurboJpegCopy(Device device) : IDisposable
{
    private readonly PinnedMemory<byte>?[] memory = new PinnedMemory<byte>?[2];
    private readonly CudaEvent[] copied = [new(device, EventFlags.DisableTiming | EventFlags.BlockingSync), new(device, EventFlags.DisableTiming | EventFlags.BlockingSync)];
    private int turn;

    /// <summary>Decodes a file; a damaged one becomes a failure of the batch.</summary>
    public void Decode(JpegBatch files, int index, CudaStream stream)
    {
        DeviceImage image = files.Images[index];
        int bytes = checked((int)(image.Pitch * image.Height));
        turn ^= 1;
        copied[turn].Synchronize();
        if (memory[turn] is not { } pinned || pinned.Length < bytes)
        {
            memory[turn]?.Dispose();
            memory[turn] = null;
            memory[turn] = pinned = new PinnedMemory<byte>(bytes, device);
        }

        try
        {
            JpegDecoder.DecodeRgb(files.Span(index), files.Name(index), image.Width, image.Height, pinned.Span[..bytes]);
        }
        catch (ImageFormatException wrong)
        {
            files.Fail(index, wrong);
            return;
        }

        device.Api.Memory.CopyToDeviceAsync(device.Ordinal, image.Pointer, pinned.Pointer, (nuint)bytes, stream.Handle);
        stream.Record(copied[turn]);
    }

    public void Dispose()
    {
        foreach (PinnedMemory<byte>? pinned in memory)
        {
            pinned?.Dispose();
        }

        Array.ForEach(copied, done => done.Dispose());
    }
}

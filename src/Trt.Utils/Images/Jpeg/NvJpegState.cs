using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>A state of nvJPEG, which is busy until the device has passed what was queued with it.</summary>
internal sealed unsafe class NvJpegState : IDisposable
{
    private readonly NvJpegHandle owner;
    private readonly CudaEvent done;
    private readonly nint state;
    private int batchSize;

    public NvJpegState(NvJpegHandle owner, Device device)
    {
        this.owner = owner;
        nint created;
        NvJpegHandle.Check(owner.Functions.StateCreate(owner.Handle, &created), "nvjpegJpegStateCreate");
        state = created;
        // Threads that wait leave the processors to those that decode.
        done = new CudaEvent(device, EventFlags.DisableTiming | EventFlags.BlockingSync);
    }

    /// <summary>Queues one file.</summary>
    public NvJpegStatus Decode(JpegBatch files, int index, CudaStream stream)
    {
        done.Synchronize();
        NvJpegImage target = Target(files.Images[index]);
        NvJpegStatus status = owner.Functions.Decode(owner.Handle, state, files.File(index), (nuint)files.Lengths[index], NvJpegFunctions.RgbInterleaved, &target, stream.Handle);
        stream.Record(done);
        return status;
    }

    /// <summary>Queues several files.</summary>
    public NvJpegStatus Decode(JpegBatch files, ReadOnlySpan<int> indices, CudaStream stream)
    {
        done.Synchronize();
        int count = indices.Length;
        byte** data = stackalloc byte*[count];
        nuint* lengths = stackalloc nuint[count];
        NvJpegImage* targets = stackalloc NvJpegImage[count];
        for (int i = 0; i < count; i++)
        {
            data[i] = files.File(indices[i]);
            lengths[i] = (nuint)files.Lengths[indices[i]];
            targets[i] = Target(files.Images[indices[i]]);
        }

        if (batchSize != count)
        {
            batchSize = 0;
            NvJpegStatus status = owner.Functions.DecodeBatchedInitialize(owner.Handle, state, count, 1, NvJpegFunctions.RgbInterleaved);
            if (status != NvJpegStatus.Success)
            {
                return status;
            }

            batchSize = count;
        }

        NvJpegStatus answer = owner.Functions.DecodeBatched(owner.Handle, state, data, lengths, targets, stream.Handle);
        stream.Record(done);
        return answer;
    }

    public void Dispose()
    {
        _ = owner.Functions.StateDestroy(state);
        done.Dispose();
    }

    private static NvJpegImage Target(DeviceImage image) => new() { Channel0 = image.Pointer, Pitch0 = (nuint)image.Pitch };
}

using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>libjpeg-turbo on a thread, and a copy to the device.</summary>
internal sealed class TurboJpegLane(Device device, JpegKinds kinds) : JpegLane(device, most: 1, least: 1, kinds)
{
    private readonly TurboJpegCopy copy = new(device);

    protected override void Submit(JpegBatch files, ReadOnlySpan<int> indices)
    {
        foreach (int index in indices)
        {
            copy.Decode(files, index, Stream);
        }
    }

    protected override void Release() => copy.Dispose();
}

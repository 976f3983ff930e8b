using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Memory of one output of one context for the best classes of its scores.</summary>
internal sealed class ClassMemory(Device device) : IDisposable
{
    private DeviceMemory<int>? onDevice;
    private PinnedMemory<int>? onHost;

    /// <summary>Finds the best classes of an output that a run has left on the device, and fetches them.</summary>
    /// <param name="context">The context.</param>
    /// <param name="tensor">Its output.</param>
    /// <param name="axis">The axis of a sample that the classes stand on.</param>
    /// <param name="output">The output's place.</param>
    /// <param name="outputs">Gets the classes, with a 1 in that axis' place.</param>
    public void Take(InferenceContext context, InferenceTensor tensor, int axis, int output, RunOutputs outputs)
    {
        Dims shape = tensor.Shape;
        int extent = checked((int)shape[axis + 1]);
        int inner = 1;
        for (int behind = axis + 2; behind < shape.NbDims; behind++)
        {
            inner = checked(inner * (int)shape[behind]);
        }

        int count = checked((int)(shape.Volume / extent));
        if (onDevice is null || onDevice.Length < count)
        {
            Dispose();
            onDevice = new DeviceMemory<int>(count, device);
            onHost = new PinnedMemory<int>(count, device);
        }

        // A view of the room that is used: the kernel wants just as many places as there are lines.
        DeviceMemory<int> places = onDevice.Length == count ? onDevice : onDevice.Slice(0, count);
        if (tensor.Spec.DataType == DataType.Half)
        {
            DeviceScores.Argmax(DeviceMemory<Half>.FromPointer(tensor.DevicePointer, shape.Volume, device), extent, inner, places, context.Stream);
        }
        else
        {
            DeviceScores.Argmax(DeviceMemory<float>.FromPointer(tensor.DevicePointer, shape.Volume, device), extent, inner, places, context.Stream);
        }

        places.CopyToAsync(onHost!, context.Stream);
        context.Stream.Synchronize();
        shape[axis + 1] = 1;
        outputs.SetBest(output, shape, MemoryMarshal.AsBytes(onHost!.Span[..count]));
    }

    public void Dispose()
    {
        onDevice?.Dispose();
        onHost?.Dispose();
        (onDevice, onHost) = (null, null);
    }
}

using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Memory of one output of one context for what kernels make of its scores.</summary>
internal sealed class ScoreMemory(Device device) : IDisposable
{
    private TopKSelection? selection;
    private DeviceMemory<int>? places;
    private PinnedMemory<int>? hostPlaces;
    private DeviceMemory<float>? values;
    private PinnedMemory<float>? hostValues;
    private DeviceMemory<byte>? workspace;

    /// <summary>Works on an output that a run has left on the device, and fetches what is wanted of it.</summary>
    /// <param name="context">The context.</param>
    /// <param name="tensor">Its output; softmax takes its place.</param>
    /// <param name="reduction">What is wanted.</param>
    /// <param name="output">The output's place.</param>
    /// <param name="outputs">Gets it.</param>
    public void Take(InferenceContext context, InferenceTensor tensor, ScoreReduction reduction, int output, RunOutputs outputs)
    {
        Dims shape = tensor.Shape;
        CudaStream stream = context.Stream;
        if (reduction.SoftmaxAlong is { } along)
        {
            (int extent, int inner) = Lines(shape, along + 1);
            DeviceMemory<float> scores = DeviceMemory<float>.FromPointer(tensor.DevicePointer, shape.Volume, device);
            DeviceScores.Softmax(scores, extent, inner, scores, stream);
        }

        if (reduction.BestAlong is { } axis)
        {
            FindBest(tensor, axis + 1, stream);
            shape[axis + 1] = 1;
            outputs.SetBest(output, shape, MemoryMarshal.AsBytes(hostPlaces!.Span[..checked((int)shape.Volume)]));
        }
        else if (reduction.Count > 0)
        {
            TopKSelection top = FindTop(tensor, reduction.Count, stream);
            outputs.SetTop(output, [top.Rows, top.K], MemoryMarshal.AsBytes(hostValues!.Span[..(top.Rows * top.K)]), hostPlaces!.Span);
        }
        else
        {
            stream.Synchronize();
            outputs.Set(output, shape, TensorBytes.Of(tensor));
        }

        outputs.SetSoftmax(output, reduction.SoftmaxAlong is not null);
    }

    public void Dispose()
    {
        places?.Dispose();
        hostPlaces?.Dispose();
        values?.Dispose();
        hostValues?.Dispose();
        workspace?.Dispose();
        (places, hostPlaces, values, hostValues, workspace, selection) = (null, null, null, null, null, null);
    }

    /// <summary>Extent of an axis, and product of those behind it.</summary>
    private static (int Extent, int Inner) Lines(in Dims shape, int axis)
    {
        int inner = 1;
        for (int behind = axis + 1; behind < shape.NbDims; behind++)
        {
            inner = checked(inner * (int)shape[behind]);
        }

        return (checked((int)shape[axis]), inner);
    }

    private void FindBest(InferenceTensor tensor, int axis, CudaStream stream)
    {
        Dims shape = tensor.Shape;
        (int extent, int inner) = Lines(shape, axis);
        int count = checked((int)(shape.Volume / extent));
        if (places is null || places.Length < count)
        {
            Dispose();
            places = new DeviceMemory<int>(count, device);
            hostPlaces = new PinnedMemory<int>(count, device);
        }

        // A view of the room that is used: the kernel wants just as many places as there are lines.
        DeviceMemory<int> found = places.Length == count ? places : places.Slice(0, count);
        if (tensor.Spec.DataType == DataType.Half)
        {
            DeviceScores.Argmax(DeviceMemory<Half>.FromPointer(tensor.DevicePointer, shape.Volume, device), extent, inner, found, stream);
        }
        else
        {
            DeviceScores.Argmax(DeviceMemory<float>.FromPointer(tensor.DevicePointer, shape.Volume, device), extent, inner, found, stream);
        }

        found.CopyToAsync(hostPlaces!, stream);
        stream.Synchronize();
    }

    private TopKSelection FindTop(InferenceTensor tensor, int count, CudaStream stream)
    {
        int rows = checked((int)tensor.Shape[0]);
        int width = checked((int)(tensor.Shape.Volume / rows));
        if (selection is null || selection.Rows != rows || selection.Width != width)
        {
            Dispose();
            selection = new TopKSelection(rows, width, count);
            places = new DeviceMemory<int>(rows * count, device);
            hostPlaces = new PinnedMemory<int>(rows * count, device);
            values = new DeviceMemory<float>(rows * count, device);
            hostValues = new PinnedMemory<float>(rows * count, device);
            workspace = selection.WorkspaceBytes > 0 ? new DeviceMemory<byte>(selection.WorkspaceBytes, device) : null;
        }

        selection.Run(DeviceMemory<float>.FromPointer(tensor.DevicePointer, tensor.Shape.Volume, device), values!, places!, workspace, stream);
        values!.CopyToAsync(hostValues!, stream);
        places!.CopyToAsync(hostPlaces!, stream);
        stream.Synchronize();
        return selection;
    }
}

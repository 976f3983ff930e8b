using Trt.Interop;
using Trt.Interop.Cuda;

namespace LowLevelApi;

/// <summary>Runs an engine: memory on the device, a stream, copies in and out, and one enqueue between them.</summary>
internal static class Executor
{
    public static float[] Run(ICudaEngine engine, Device device, float[] images, int count)
    {
        // The execution context launches the engine's kernels.
        using IExecutionContext context = engine.CreateExecutionContext();

        // Memory for input and output, found by the tensors' names.
        using DeviceMemory<float> input = new(images.Length, device);
        using DeviceMemory<float> output = new(count * 10, device);
        context.SetInputShape(PyTorchNet.Input, [count, 1, 28, 28]);
        context.SetTensorAddress(PyTorchNet.Input, input.Pointer);
        context.SetTensorAddress(PyTorchNet.Output, output.Pointer);

        // Everything in order on one stream; pinned memory lets the copies run beside other work.
        using CudaStream stream = new(device);
        using PinnedMemory<float> staging = new(images.Length, device);
        using PinnedMemory<float> result = new(count * 10, device);
        images.CopyTo(staging.Span);
        input.CopyFromAsync(staging, stream);
        context.EnqueueV3(stream);
        output.CopyToAsync(result, stream);
        stream.Synchronize();
        return result.Span.ToArray();
    }
}

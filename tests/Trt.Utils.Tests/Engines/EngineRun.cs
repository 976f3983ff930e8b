using Trt.Interop;

namespace Trt.Utils.Tests.Engines;

/// <summary>Runs an engine once.</summary>
internal static class EngineRun
{
    /// <summary>One input of floats, one output of floats.</summary>
    public static float[] Run(ICudaEngine engine, string input, Dims shape, float[] values, string output)
    {
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers buffers = new();
        context.SetInputShape(input, shape);
        context.SetTensorAddress(input, buffers.Add(values));
        float[] result = new float[context.GetTensorShape(output).Volume];
        context.SetTensorAddress(output, buffers.Add(result));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        return result;
    }
}

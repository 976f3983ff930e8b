namespace Trt.Interop.Core;

/// <summary>Engines that were built before TensorRT 10 and are run by a later library with that release's code.</summary>
internal static class OlderEngine
{
    /// <summary>Refuses an output allocator for a context of such an engine.</summary>
    /// <remarks>
    /// Seen with a plan of 8.6.0 under 10.16.1: allocators of memory, profilers and error recorders are passed on in the old form, output allocators are not;
    /// the old code calls them by its own slots, and the process ends.
    /// </remarks>
    /// <exception cref="NotSupportedException">The engine was built before TensorRT 10 and this library is later.</exception>
    public static void CheckOutputAllocator(NativeObject context, object? allocator)
    {
        // Behind LoadRuntime all callbacks are refused, in words of their own.
        if (allocator is null || context.IsOfLoadedRuntime || !IsBehind(context))
        {
            return;
        }

        throw new NotSupportedException($"A managed IOutputAllocator cannot be given to a context of an engine that was built before TensorRT 10: {context.Library} runs it with that release's code, which calls the object by other slots. Load that release's library itself with TensorRt.Load, and use its objects.");
    }

    /// <summary>Refuses to take a profiler away from a context of such an engine.</summary>
    /// <remarks>Seen with a plan of 8.6.0 under 10.16.1: the library gives up its form of the profiler, the old code refuses null and keeps it, and the next run ends the process.</remarks>
    /// <exception cref="TensorRtException">The engine was built before TensorRT 10 and this library is later.</exception>
    public static void CheckProfiler(NativeObject context, object? profiler)
    {
        if (profiler is null && IsBehind(context))
        {
            throw new TensorRtException($"A profiler cannot be taken away from a context of an engine that was built before TensorRT 10: {context.Library} runs it with that release's code, which keeps it. Set another profiler, or make another context.");
        }
    }

    private static bool IsBehind(NativeObject context)
    {
        if (!context.Library.Supports("ICudaEngine.getStreamableWeightsSize") || context is not IExecutionContext { Engine: { } engine })
        {
            return false;
        }

        // Negative for no other engine; the line that is logged says "Not supported for engine created before TensorRT 10.0".
        using (LogSilence.Begin())
        {
            return engine.StreamableWeightsSize < 0;
        }
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>Makes engines from plans in memory.</summary>
internal static class EngineLoader
{
    /// <summary>Loads a plan.</summary>
    /// <param name="library">The library.</param>
    /// <param name="log">Hears it.</param>
    /// <param name="options">How.</param>
    /// <param name="address">The plan; needed during the call only.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>The engine, which keeps its runtime.</returns>
    public static ICudaEngine Load(TensorRtLibrary library, ILogger log, EngineLoadOptions options, nint address, long length)
    {
        using IRuntime runtime = CreateRuntime(library, log, options);
        return Read(runtime, address, length);
    }

    /// <summary>Makes a runtime.</summary>
    /// <returns>The runtime, to be disposed by the caller; engines that it made keep it.</returns>
    public static IRuntime CreateRuntime(TensorRtLibrary library, ILogger log, EngineLoadOptions options)
    {
        IRuntime runtime = library.CreateInferRuntime(log);
        try
        {
            Prepare(library, runtime, options);
            if (options.LeanRuntime is null)
            {
                return runtime;
            }

            using (runtime)
            {
                return runtime.LoadRuntime(Path.GetFullPath(options.LeanRuntime));
            }
        }
        catch
        {
            runtime.Dispose();
            throw;
        }
    }

    /// <summary>Makes an engine from a plan of any length.</summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="address">The plan; needed during the call only.</param>
    /// <param name="length">Its bytes.</param>
    public static unsafe ICudaEngine Read(IRuntime runtime, nint address, long length)
    {
        if (length <= int.MaxValue)
        {
            return runtime.DeserializeCudaEngine(new ReadOnlySpan<byte>((void*)address, (int)length));
        }

        // More than a span holds.
        PlanReader reader = new(address, length);
        try
        {
            return runtime.DeserializeCudaEngine((IStreamReaderV2)reader);
        }
        catch (NotInThisReleaseException)
        {
            return runtime.DeserializeCudaEngine((IStreamReader)reader);
        }
    }

    private static void Prepare(TensorRtLibrary library, IRuntime runtime, EngineLoadOptions options)
    {
        if (options.TemporaryDirectory is { } folder)
        {
            runtime.TemporaryDirectory = Path.GetFullPath(folder);
        }

        if (options.TempfileControls is { } controls)
        {
            runtime.TempfileControlFlags = Mask.Create<TempfileControlFlag>([.. controls]);
        }

        if (options.AllowHostCode)
        {
            runtime.EngineHostCodeAllowed = true;
        }

        if (options.DLACore is { } core)
        {
            if (core < 0 || core >= runtime.NbDLACores)
            {
                throw new TensorRtException($"DLACore = {core}: {library} finds {runtime.NbDLACores} DLA cores on this machine. Leave it out.");
            }

            runtime.DLACore = core;
        }

        if (options.MaxThreads is { } threads)
        {
            runtime.MaxThreads = threads;
        }

        foreach (string file in options.DynamicPlugins)
        {
            runtime.PluginRegistry.LoadLibrary(Path.GetFullPath(file));
        }
    }
}

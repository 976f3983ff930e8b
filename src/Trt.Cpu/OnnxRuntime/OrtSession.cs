using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;
using Trt.Interop;
using NativeSession = Trt.Cpu.OnnxRuntime.Native.OrtSession;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>An ONNX model, ready to run. Thread-safe: any number of bindings may run at once.</summary>
internal sealed unsafe class OrtSession : IDisposable
{
    private readonly OrtEnvironment environment;
    private readonly OrtSessionHandle handle;
    private readonly bool profiling;
    private readonly string[] inputNames;
    private readonly nint[] nativeInputNames;
    private readonly string[] outputNames;
    private readonly nint[] nativeOutputNames;
    private bool disposed;

    private OrtSession(OrtEnvironment environment, OrtSessionHandle handle, bool profiling)
    {
        this.environment = environment;
        this.handle = handle;
        this.profiling = profiling;
        OrtApi api = environment.Api;
        nuint count;
        environment.Check(api.SessionGetInputCount(handle.Session, &count), "count the model's inputs");
        string[] inputs = new string[(int)count];
        byte* name;
        for (int i = 0; i < inputs.Length; i++)
        {
            environment.Check(api.SessionGetInputName(handle.Session, (nuint)i, environment.Allocator, &name), "name an input");
            inputs[i] = environment.Take(name);
        }

        environment.Check(api.SessionGetOutputCount(handle.Session, &count), "count the model's outputs");
        string[] outputs = new string[(int)count];
        for (int i = 0; i < outputs.Length; i++)
        {
            environment.Check(api.SessionGetOutputName(handle.Session, (nuint)i, environment.Allocator, &name), "name an output");
            outputs[i] = environment.Take(name);
        }

        inputNames = inputs;
        outputNames = outputs;
        nativeInputNames = [.. inputs.Select(handle.Native)];
        nativeOutputNames = [.. outputs.Select(handle.Native)];
    }

    /// <summary>Inputs in the model's order; initializers are not among them.</summary>
    public IReadOnlyList<string> InputNames => inputNames;

    /// <summary>Outputs in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => outputNames;

    /// <summary>The native session.</summary>
    internal OrtSessionHandle Handle => !Volatile.Read(ref disposed) ? handle : throw new ObjectDisposedException(nameof(IOnnxSession));

    internal OrtEnvironment Environment => environment;

    /// <summary>Makes a session from a serialized ONNX model, which is not needed afterwards.</summary>
    /// <exception cref="OrtException">The model is damaged, or holds what ONNX Runtime does not know.</exception>
    /// <exception cref="ArgumentException">A setting is out of range, or an initializer's memory too small.</exception>
    public static OrtSession Create(ReadOnlySpan<byte> model, OrtSessionSettings settings)
    {
        OrtEnvironment environment = OrtEnvironment.Instance;
        OrtSessionHandle handle = new(environment);
        OrtSessionOptions* options = null;
        try
        {
            options = OptionsFor(environment, handle, settings);
            NativeSession* session;
            fixed (byte* data = model)
            {
                environment.Check(environment.Api.CreateSessionFromArray(environment.Env, data, (nuint)model.Length, options, &session), "load the model");
            }

            handle.Own(session);
            return new OrtSession(environment, handle, settings.EnableProfiling);
        }
        catch
        {
            handle.Abandon();
            throw;
        }
        finally
        {
            environment.Api.ReleaseSessionOptions(options);
        }
    }

    /// <summary>A new set of inputs and outputs to run with.</summary>
    public OrtBinding CreateBinding()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        return new OrtBinding(environment, handle, inputNames, nativeInputNames, outputNames, nativeOutputNames);
    }

    /// <summary>Ends profiling and writes its file.</summary>
    /// <returns>Path of the file, or null when the session was made without profiling.</returns>
    public string? EndProfiling()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref disposed), this);
        if (!profiling)
        {
            return null;
        }

        byte* path;
        environment.Check(environment.Api.SessionEndProfiling(handle.Session, environment.Allocator, &path), "end profiling");
        GC.KeepAlive(this);
        return environment.Take(path);
    }

    /// <summary>Frees the session, or leaves that to the last of its bindings.</summary>
    public void Dispose()
    {
        Volatile.Write(ref disposed, true);
        handle.Dispose();
    }

    private static OrtSessionOptions* OptionsFor(OrtEnvironment environment, OrtSessionHandle handle, OrtSessionSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.IntraOpThreads);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.InterOpThreads);
        OrtApi api = environment.Api;
        OrtSessionOptions* options;
        environment.Check(api.CreateSessionOptions(&options), "make session options");
        try
        {
            environment.Check(api.SetIntraOpNumThreads(options, settings.IntraOpThreads), "set the number of threads");
            environment.Check(api.SetSessionGraphOptimizationLevel(options, (GraphOptimizationLevel)settings.OptimizationLevel), "set the optimisation level");
            environment.Check(api.SetDeterministicCompute(options, settings.DeterministicCompute ? (byte)1 : (byte)0), "ask for deterministic kernels");
            if (settings.InterOpThreads > 1)
            {
                environment.Check(api.SetSessionExecutionMode(options, ExecutionMode.ORT_PARALLEL), "run operators at once");
                environment.Check(api.SetInterOpNumThreads(options, settings.InterOpThreads), "set the number of operators that run at once");
            }

            if (!settings.PacksWeights)
            {
                AddEntry(environment, options, "session.disable_prepacking", "1");
            }

            if (settings.ExternalDataFolder is { } folder)
            {
                AddEntry(environment, options, "session.model_external_initializers_file_folder_path", folder);
            }

            if (settings.Log is { } log)
            {
                environment.Check(api.SetUserLoggingFunction(options, &OrtSessionLog.Write, (void*)handle.Own(log)), "direct the session's log");
            }

            if (settings.EnableProfiling)
            {
                string prefix = settings.ProfilePrefix ?? "onnxruntime_profile_";
                void* path = OperatingSystem.IsWindows() ? (void*)Marshal.StringToHGlobalUni(prefix) : (void*)Marshal.StringToCoTaskMemUTF8(prefix);
                OrtStatus* status = api.EnableProfiling(options, path);
                if (OperatingSystem.IsWindows())
                {
                    Marshal.FreeHGlobal((nint)path);
                }
                else
                {
                    Marshal.FreeCoTaskMem((nint)path);
                }

                environment.Check(status, "enable profiling");
            }

            AddInitializers(environment, handle, options, settings);
            if (settings.Kernels.Count > 0)
            {
                OrtKernelSet kernels = new(environment, settings.Kernels);
                handle.Own(kernels);
                kernels.AddTo(options);
            }

            return options;
        }
        catch
        {
            api.ReleaseSessionOptions(options);
            throw;
        }
    }

    private static void AddEntry(OrtEnvironment environment, OrtSessionOptions* options, string key, string value)
    {
        byte* nativeKey = OrtSessionHandle.Utf8(key), nativeValue = OrtSessionHandle.Utf8(value);
        OrtStatus* status = environment.Api.AddSessionConfigEntry(options, nativeKey, nativeValue);
        NativeMemory.Free(nativeKey);
        NativeMemory.Free(nativeValue);
        environment.Check(status, $"set {key}");
    }

    private static void AddInitializers(OrtEnvironment environment, OrtSessionHandle handle, OrtSessionOptions* options, OrtSessionSettings settings)
    {
        if (settings.Initializers is not { Count: > 0 } initializers)
        {
            return;
        }

        OrtApi api = environment.Api;
        nint[] names = new nint[initializers.Count];
        nint[] values = new nint[initializers.Count];
        int count = 0;
        foreach ((string name, (nint data, long bytes, OrtElementType type, long[] shape)) in initializers)
        {
            OrtValue* value = environment.TensorOver(data, bytes, type, shape, $"Initializer \"{name}\"");
            handle.Own(value);
            names[count] = handle.Native(name);
            values[count] = (nint)value;

            // Without this the session would keep a copy of its own; what comes below is for loading and optimising the graph.
            environment.Check(api.AddInitializer(options, (byte*)names[count], value), $"share initializer \"{name}\"");
            count++;
        }

        fixed (nint* firstName = names, firstValue = values)
        {
            environment.Check(api.AddExternalInitializers(options, (byte**)firstName, (OrtValue**)firstValue, (nuint)count), "add initializers");
        }
    }
}

using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;
using NativeSession = Trt.Cpu.OnnxRuntime.Native.OrtSession;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>An ONNX model, ready to run. Thread-safe: any number of bindings may run at once.</summary>
internal sealed unsafe class OrtSession : IDisposable
{
    private readonly OrtEnvironment environment;
    private readonly OrtSessionHandle handle;
    private readonly bool profiling;
    private readonly nint[] inputNames;
    private readonly nint[] outputNames;

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

        InputNames = inputs;
        OutputNames = outputs;
        inputNames = [.. inputs.Select(handle.Native)];
        outputNames = [.. outputs.Select(handle.Native)];
    }

    /// <summary>Inputs in the model's order; initializers are not among them.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>Outputs in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

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
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        return new OrtBinding(environment, handle, InputNames, inputNames, OutputNames, outputNames);
    }

    /// <summary>Ends profiling and writes its file.</summary>
    /// <returns>Path of the file, or null when the session was made without profiling.</returns>
    public string? EndProfiling()
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
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
    public void Dispose() => handle.Dispose();

    private static OrtSessionOptions* OptionsFor(OrtEnvironment environment, OrtSessionHandle handle, OrtSessionSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.IntraOpThreads);
        OrtApi api = environment.Api;
        OrtSessionOptions* options;
        environment.Check(api.CreateSessionOptions(&options), "make session options");
        try
        {
            environment.Check(api.SetIntraOpNumThreads(options, settings.IntraOpThreads), "set the number of threads");
            environment.Check(api.SetSessionGraphOptimizationLevel(options, (GraphOptimizationLevel)settings.OptimizationLevel), "set the optimisation level");
            environment.Check(api.SetDeterministicCompute(options, settings.DeterministicCompute ? (byte)1 : (byte)0), "ask for deterministic kernels");
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
            return options;
        }
        catch
        {
            api.ReleaseSessionOptions(options);
            throw;
        }
    }

    private static void AddInitializers(OrtEnvironment environment, OrtSessionHandle handle, OrtSessionOptions* options, OrtSessionSettings settings)
    {
        foreach ((string name, (nint data, long bytes, OrtElementType type, long[] shape)) in settings.Initializers ?? new Dictionary<string, (nint, long, OrtElementType, long[])>())
        {
            OrtValue* value = environment.TensorOver(data, bytes, type, shape, $"Initializer \"{name}\"");
            handle.Own(value);
            environment.Check(environment.Api.AddInitializer(options, (byte*)handle.Native(name), value), $"add initializer \"{name}\"");
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime.Native;
using Trt.Interop;
using Trt.Interop.Loading;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>ONNX Runtime in this process: loaded on first use, never unloaded, since its worker threads may outlive every session.</summary>
internal sealed unsafe class OrtEnvironment
{
    /// <summary>Oldest version of the C API that has every function used here, and so the oldest ONNX Runtime (1.17).</summary>
    public const int OldestApi = 17;

    private static readonly Lock Gate = new();
    private static OrtEnvironment? instance;

    private OrtEnvironment(NativeModule module, OrtApi api, string version, int apiVersion)
    {
        Api = api;
        Version = version;
        ApiVersion = apiVersion;
        LibraryPath = module.Path;
        OrtEnv* env;
        OrtMemoryInfo* memory;
        OrtAllocator* allocator;
        fixed (byte* name = "Trt.Cpu\0"u8)
        {
            Check(api.CreateEnvWithCustomLogger(&OnLog, null, OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, name, &env), "set itself up");
        }

        // Official builds for Windows report usage to Microsoft unless they are asked not to.
        Check(api.DisableTelemetryEvents(env), "switch telemetry off");
        Check(api.CreateCpuMemoryInfo(OrtAllocatorType.OrtDeviceAllocator, OrtMemType.OrtMemTypeDefault, &memory), "describe host memory");
        Check(api.GetAllocatorWithDefaultOptions(&allocator), "give its allocator");
        Env = env;
        HostMemory = memory;
        Allocator = allocator;
    }

    /// <summary>The one environment of the process; thread-safe. A search that found no library is made anew at the next use.</summary>
    /// <exception cref="TensorRtNotFoundException">No library was found, or only one that is too old.</exception>
    public static OrtEnvironment Instance
    {
        get
        {
            if (Volatile.Read(ref instance) is { } loaded)
            {
                return loaded;
            }

            lock (Gate)
            {
                return instance ??= Load(OrtLibraryPlaces.OfProcess());
            }
        }
    }

    /// <summary>Gets warnings (2) and errors (3, 4) with their text, on whatever thread they arise; null for none. What it throws is dropped.</summary>
    public static Action<int, string>? Log { get; set; }

    /// <summary>Version of the library, such as <c>1.30.0</c>.</summary>
    public string Version { get; }

    /// <summary>Version of the function table in use.</summary>
    public int ApiVersion { get; }

    /// <summary>The file that was loaded, or the bare name that the system loader knew.</summary>
    public string LibraryPath { get; }

    internal OrtApi Api { get; }

    internal OrtEnv* Env { get; }

    internal OrtMemoryInfo* HostMemory { get; }

    internal OrtAllocator* Allocator { get; }

    /// <summary>Throws what a status says and releases it; does nothing for success.</summary>
    /// <param name="status">What a function returned.</param>
    /// <param name="action">What ONNX Runtime was to do, to complete "could not …".</param>
    internal void Check(OrtStatus* status, string action)
    {
        if (status is not null)
        {
            throw Failure(status, action);
        }
    }

    /// <summary>The exception for a status, which is released.</summary>
    internal OrtException Failure(OrtStatus* status, string action)
    {
        int code = (int)Api.GetErrorCode(status);
        string reason = Marshal.PtrToStringUTF8((nint)Api.GetErrorMessage(status)) ?? "no reason given";
        Api.ReleaseStatus(status);
        return new OrtException($"ONNX Runtime {Version} could not {action}: {reason}", code);
    }

    /// <summary>Copies a string that ONNX Runtime allocated, and frees it.</summary>
    internal string Take(byte* text)
    {
        string copy = Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;
        Check(Api.AllocatorFree(Allocator, text), "free a string");
        return copy;
    }

    /// <summary>A tensor over the caller's memory.</summary>
    internal OrtValue* TensorOver(nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape, string what)
    {
        long needed = type.BytesOf(shape);
        if (bytes < needed || (data == 0 && needed > 0))
        {
            throw new ArgumentException($"{what} of shape {string.Join('x', shape.ToArray())} and type {type} takes {needed} bytes, but was given {(data == 0 ? "no memory" : $"{bytes}")}.");
        }

        // An empty tensor needs an address all the same, which nobody reads: any that stays valid will do.
        OrtValue* value;
        fixed (long* dimensions = shape)
        {
            Check(
                Api.CreateTensorWithDataAsOrtValue(HostMemory, data == 0 ? HostMemory : (void*)data, (nuint)bytes, dimensions, (nuint)shape.Length, (ONNXTensorElementDataType)type, &value),
                "take over memory of the caller");
        }

        return value;
    }

    /// <summary>Loads from places; the process keeps one environment only, so this is for <see cref="Instance"/> and for tests of failures.</summary>
    internal static OrtEnvironment Load(OrtLibraryPlaces places)
    {
        NativeModule module = places.Load();
        void* export = module.Export("OrtGetApiBase");
        if (export is null)
        {
            throw places.NotFound([$"{module.Path} (it does not export OrtGetApiBase, so it is not ONNX Runtime)"]);
        }

        OrtApiBase origin = new(((delegate* unmanaged<void**>)export)());
        string version = Marshal.PtrToStringUTF8((nint)origin.GetVersionString()) ?? string.Empty;
        for (int asked = NewestOf(version); asked >= OldestApi; asked--)
        {
            OrtApi api = origin.GetApi((uint)asked);
            if (!api.IsNull)
            {
                return new OrtEnvironment(module, api, version, asked);
            }
        }

        throw places.NotFound([$"{module.Path} (it is version {version}, older than 1.{OldestApi})"]);
    }

    /// <summary>The newest API that a release can have: that of the generated table, or the release's minor number. Asking for more makes ONNX Runtime complain on the console.</summary>
    private static int NewestOf(string version)
    {
        string[] parts = version.Split('.');
        return parts.Length > 1 && parts[0] == "1" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            ? Math.Min((int)OrtApi.Version, minor)
            : (int)OrtApi.Version;
    }

    [UnmanagedCallersOnly]
    private static void OnLog(void* state, OrtLoggingLevel severity, byte* category, byte* id, byte* location, byte* message)
    {
        try
        {
            Log?.Invoke((int)severity, Marshal.PtrToStringUTF8((nint)message) ?? string.Empty);
        }
        catch (Exception)
        {
            // The caller is C++ and cannot take an exception; a log line is not worth the process.
        }
    }
}

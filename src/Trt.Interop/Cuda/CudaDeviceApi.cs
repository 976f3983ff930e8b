using System.Runtime.InteropServices;
using System.Text;
using static Trt.Interop.Cuda.CudaDriver;

namespace Trt.Interop.Cuda;

/// <summary>The devices of NVIDIA's driver, in their primary contexts, which TensorRT and the CUDA runtime use too.</summary>
/// <remarks>
/// A device's primary context is retained at its first use and kept until the process ends. Each call makes that context the thread's
/// only for its own duration. Safe to use from any thread.
/// </remarks>
public sealed unsafe class CudaDeviceApi : IDeviceApi
{
    private static readonly Lazy<CudaDeviceApi> Shared = new(static () => new CudaDeviceApi(CudaDriver.Functions), LazyThreadSafetyMode.PublicationOnly);
    private readonly DriverFunctions driver;
    private readonly PrimaryContexts contexts;

    private CudaDeviceApi(DriverFunctions driver)
    {
        this.driver = driver;
        int count;
        Check(driver.DeviceGetCount(&count), "cuDeviceGetCount");
        DeviceCount = count;
        contexts = new PrimaryContexts(driver, count);
        Memory = new CudaMemoryApi(driver, contexts);
        Streams = new CudaStreamApi(driver, contexts);
        Graphs = new CudaGraphApi(driver, contexts);
        Modules = new CudaModuleApi(driver, contexts);
        Pools = new CudaPoolApi(driver, contexts);
        Ipc = new CudaIpcApi(driver, contexts);
    }

    /// <summary>The one instance.</summary>
    /// <exception cref="CudaException">There is no driver or no GPU; <see cref="CudaDriver.IsAvailable"/> tells beforehand.</exception>
    public static CudaDeviceApi Instance => Shared.Value;

    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public bool IsHost => false;

    /// <inheritdoc/>
    public int DeviceCount { get; }

    /// <inheritdoc/>
    public IMemoryApi Memory { get; }

    /// <inheritdoc/>
    public IStreamApi Streams { get; }

    /// <inheritdoc/>
    public IGraphApi Graphs { get; }

    /// <inheritdoc/>
    public IModuleApi Modules { get; }

    /// <inheritdoc/>
    public IPoolApi Pools { get; }

    /// <inheritdoc/>
    public IIpcApi Ipc { get; }

    /// <inheritdoc/>
    public int CurrentDevice
    {
        get
        {
            nint context;
            Check(driver.CtxGetCurrent(&context), "cuCtxGetCurrent");
            if (context == 0)
            {
                return 0;
            }

            int device;
            Check(driver.CtxGetDevice(&device), "cuCtxGetDevice");
            return device;
        }
    }

    /// <inheritdoc/>
    public void SetCurrentDevice(int device) => Check(driver.CtxSetCurrent(contexts.Get(device)), "cuCtxSetCurrent");

    /// <inheritdoc/>
    public nint Enter(int device)
    {
        nint context = contexts.Get(device);
        Check(driver.CtxPushCurrent(context), "cuCtxPushCurrent_v2");
        return context;
    }

    /// <inheritdoc/>
    public void Leave(nint token)
    {
        nint context;
        Check(driver.CtxPopCurrent(&context), "cuCtxPopCurrent_v2");
    }

    /// <inheritdoc/>
    public DeviceProperties GetProperties(int device)
    {
        const int Length = 256;
        byte* text = stackalloc byte[Length];
        Check(driver.DeviceGetName(text, Length, device), "cuDeviceGetName");
        string name = Marshal.PtrToStringUTF8((nint)text)!;
        Check(driver.DeviceGetPciBusId(text, Length, device), "cuDeviceGetPCIBusId");
        string bus = Marshal.PtrToStringUTF8((nint)text)!;
        byte* uuid = stackalloc byte[16];
        Check(driver.DeviceGetUuid(uuid, device), "cuDeviceGetUuid");
        nuint total;
        Check(driver.DeviceTotalMem(&total, device), "cuDeviceTotalMem_v2");
        return new DeviceProperties
        {
            Name = name,
            ComputeCapability = new Version(GetAttribute(device, DeviceAttribute.ComputeCapabilityMajor), GetAttribute(device, DeviceAttribute.ComputeCapabilityMinor)),
            TotalMemory = (long)total,
            MultiprocessorCount = GetAttribute(device, DeviceAttribute.MultiprocessorCount),
            Uuid = FormatUuid(new ReadOnlySpan<byte>(uuid, 16)),
            PciBusId = bus,
        };
    }

    /// <inheritdoc/>
    public int GetAttribute(int device, DeviceAttribute attribute)
    {
        int value;
        Check(driver.DeviceGetAttribute(&value, (int)attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    /// <inheritdoc/>
    public MemoryInfo GetMemoryInfo(int device)
    {
        using ContextScope scope = contexts.Enter(device);
        nuint free, total;
        Check(driver.MemGetInfo(&free, &total), "cuMemGetInfo_v2");
        return new MemoryInfo((long)free, (long)total);
    }

    /// <inheritdoc/>
    public void Synchronize(int device)
    {
        using ContextScope scope = contexts.Enter(device);
        Check(driver.CtxSynchronize(), "cuCtxSynchronize");
    }

    /// <inheritdoc/>
    public nint RetainPrimaryContext(int device)
    {
        nint context;
        Check(driver.PrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    /// <inheritdoc/>
    public void ReleasePrimaryContext(int device) => Check(driver.PrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease_v2");

    /// <inheritdoc/>
    public bool CanAccessPeer(int device, int peer)
    {
        int answer;
        Check(driver.DeviceCanAccessPeer(&answer, device, peer), "cuDeviceCanAccessPeer");
        return answer != 0;
    }

    /// <inheritdoc/>
    public void EnablePeerAccess(int device, int peer)
    {
        using ContextScope scope = contexts.Enter(device);
        int result = driver.CtxEnablePeerAccess(contexts.Get(peer), 0);
        if (result != (int)CudaResult.PeerAccessAlreadyEnabled)
        {
            Check(result, "cuCtxEnablePeerAccess");
        }
    }

    /// <inheritdoc/>
    public void DisablePeerAccess(int device, int peer)
    {
        using ContextScope scope = contexts.Enter(device);
        int result = driver.CtxDisablePeerAccess(contexts.Get(peer));
        if (result != (int)CudaResult.PeerAccessNotEnabled)
        {
            Check(result, "cuCtxDisablePeerAccess");
        }
    }

    /// <summary>The device's primary context.</summary>
    internal nint PrimaryContext(int device) => contexts.Get(device);

    internal static string FormatUuid(ReadOnlySpan<byte> uuid)
    {
        StringBuilder text = new("GPU-", 40);
        for (int i = 0; i < 16; i++)
        {
            if (i is 4 or 6 or 8 or 10)
            {
                text.Append('-');
            }

            text.Append(uuid[i].ToString("x2"));
        }

        return text.ToString();
    }
}

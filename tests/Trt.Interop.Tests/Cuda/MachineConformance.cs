using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Devices, contexts and GPU code.</summary>
internal static class MachineConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("devices say what they are", Properties),
        new("a scope makes a device current and undoes it", Scopes),
        new("a thread's choice of device is its own", ThreadsChoose),
        new("device numbers are checked", UnknownDevice),
        new("kernels run on a GPU and are refused by the host stand-in", Kernels),
        new("broken GPU code is refused with the reason", BrokenKernels),
    ];

    private static ReadOnlySpan<byte> ScaleKernel => """
        .version 6.0
        .target sm_50
        .address_size 64

        .visible .entry scale(.param .u64 memory, .param .f32 factor, .param .u32 count)
        {
            .reg .pred %outside;
            .reg .f32 %value, %by;
            .reg .b32 %index, %block, %size, %n;
            .reg .b64 %base, %offset;

            mov.u32 %block, %ctaid.x;
            mov.u32 %size, %ntid.x;
            mov.u32 %index, %tid.x;
            mad.lo.s32 %index, %block, %size, %index;
            ld.param.u32 %n, [count];
            setp.ge.u32 %outside, %index, %n;
            @%outside bra done;
            ld.param.u64 %base, [memory];
            ld.param.f32 %by, [factor];
            cvta.to.global.u64 %base, %base;
            mul.wide.u32 %offset, %index, 4;
            add.s64 %base, %base, %offset;
            ld.global.f32 %value, [%base];
            mul.f32 %value, %value, %by;
            st.global.f32 [%base], %value;
        done:
            ret;
        }
        """u8;

    private static void Properties(Device device)
    {
        DeviceProperties properties = device.Properties;
        Expect.True(properties.Name.Length > 0);
        Expect.Equal(properties.Name, device.Name);
        Expect.True(properties.TotalMemory > 0);
        Expect.True(properties.MultiprocessorCount > 0);
        Expect.Equal(properties.MultiprocessorCount, device.GetAttribute(DeviceAttribute.MultiprocessorCount));
        Expect.Equal(device.IsHost ? "HOST-".Length + 36 : "GPU-".Length + 36, properties.Uuid.Length);
        Expect.Equal(device.IsHost, properties.ComputeCapability.Major == 0);
        Expect.Equal(device.IsHost, properties.PciBusId.Length == 0);
        MemoryInfo memory = device.Memory;
        Expect.True(memory.FreeBytes > 0 && memory.FreeBytes <= memory.TotalBytes);
        Expect.Equal($"{device.Api.Name}:0", device.ToString());
        Expect.True(ReferenceEquals(device, Device.Of(device.Api)[0]));
        Expect.True(Device.All.Count > 0);
        Expect.True(Device.Host.IsHost);
    }

    private static void Scopes(Device device)
    {
        Device before = Device.Current;
        using (device.Use())
        {
            Expect.True(Device.Current == device);
            using (Device.Host.Use())
            {
                Expect.True(Device.Current == Device.Host);
            }

            Expect.True(Device.Current == device);
            using DeviceMemory<int> memory = new(1);
            using CudaStream stream = new();
            Expect.True(memory.Device == device && stream.Device == device);
        }

        Expect.True(Device.Current == before);
    }

    private static void ThreadsChoose(Device device)
    {
        Device before = Device.Current;
        Device? inside = null;
        Thread thread = new(() =>
        {
            device.MakeCurrent();
            inside = Device.Current;
        });
        thread.Start();
        thread.Join();
        Expect.True(inside == device);
        Expect.True(Device.Current == before);
    }

    private static void UnknownDevice(Device device)
    {
        int beyond = device.Api.DeviceCount;
        CudaException error = Expect.Throws<CudaException>(() => device.Api.Memory.Allocate(beyond, 16), $"{beyond} does not exist");
        Expect.Equal(CudaResult.InvalidDevice, error.Result);
    }

    private static void Kernels(Device device)
    {
        if (device.IsHost)
        {
            CudaException error = Expect.Throws<CudaException>(() => CudaModule.Load(ScaleKernel, device).Dispose(), "cannot run GPU code");
            Expect.Equal(CudaResult.NotSupported, error.Result);
            return;
        }

        using CudaModule module = CudaModule.Load(ScaleKernel, device);
        CudaKernel kernel = module.GetKernel("scale");
        using CudaStream stream = new(device);
        using DeviceMemory<float> memory = new(1000, device);
        memory.CopyFrom(MemoryConformance.Sequence(1000, i => (float)i));
        KernelArguments arguments = new(stackalloc byte[16]);
        arguments.Add(memory.Pointer);
        arguments.Add(0.5f);
        arguments.Add(900);
        kernel.Launch(stream, 4, 256, arguments);
        stream.Synchronize();
        Expect.Same<float>(MemoryConformance.Sequence(1000, i => i < 900 ? i * 0.5f : i), memory.ToArray());

        stream.BeginCapture();
        kernel.Launch(stream, 4, 256, arguments);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec exec = graph.Instantiate();
        exec.Launch(stream);
        exec.Launch(stream);
        stream.Synchronize();
        Expect.Equal(899 * 0.125f, memory.ToArray()[899]);
        Expect.Fails(CudaResult.NotFound, () => module.GetKernel("scales"));
        module.Dispose();
        bool refused = false;
        try
        {
            kernel.Launch(stream, 4, 256, arguments);
        }
        catch (ObjectDisposedException)
        {
            refused = true;
        }

        Expect.True(refused);
    }

    private static void BrokenKernels(Device device)
    {
        byte[] image = ".version 6.0\n.target sm_50\n.visible .entry broken() { nonsense; }"u8.ToArray();
        CudaException error = Expect.Throws<CudaException>(() => CudaModule.Load(image, device).Dispose());
        Expect.True(error.Result is CudaResult.InvalidPtx or CudaResult.NotSupported, error.Message);
        Expect.Equal(device.IsHost, error.Result == CudaResult.NotSupported);
        if (!device.IsHost)
        {
            Expect.True(error.Message.Contains("nonsense", StringComparison.Ordinal), error.Message);
        }

        Expect.Throws<ArgumentException>(() => CudaModule.Load([], device).Dispose());
        Expect.Throws<ArgumentException>(AddTooMuch, "too small");

        static void AddTooMuch()
        {
            KernelArguments arguments = new(stackalloc byte[12]);
            arguments.Add(1);
            arguments.Add(2L);
        }
    }
}

using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Core;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>What the loop in C++ works with: a context with its tensors in device memory, two page-locked buffers for each, two graphs, two events.</summary>
internal sealed unsafe class DoubleBufferLoop : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly NativeTensor[] tensors;
    private readonly NativeTensor* native;
    private readonly IExecutionContext context;
    private NativeLoop loop;

    /// <param name="module">native/gpu_benchmark.</param>
    /// <param name="major">The release whose tables the context has.</param>
    /// <param name="device">Where the engine is.</param>
    /// <param name="engine">The engine; one whose profile no other context has.</param>
    /// <param name="input">The values of one run.</param>
    /// <param name="runs">How many runs' values lie behind one another.</param>
    /// <param name="graphs">Whether copies and run are launched as graphs.</param>
    public DoubleBufferLoop(nint module, int major, Device device, ICudaEngine engine, HostTensor input, int runs, bool graphs)
    {
        Runs = (delegate* unmanaged<NativeLoop*, DoubleBufferDriver*, long, long>)NativeLibrary.GetExport(module, "double_buffer_runs");
        Calls = (delegate* unmanaged<NativeLoop*, DoubleBufferDriver*, long, long>)NativeLibrary.GetExport(module, "double_buffer_calls");
        context = engine.CreateExecutionContext();
        CudaStream stream = Own(new CudaStream(device));
        string[] names = [.. Enumerable.Range(0, engine.NbIOTensors).Select(engine.GetIOTensorName)];
        tensors = new NativeTensor[names.Length];
        List<(DeviceMemory<byte> Device, PinnedMemory<byte>[] Host)> memory = [];
        foreach (string name in names.OrderBy(name => engine.GetTensorIOMode(name)))
        {
            bool isInput = engine.GetTensorIOMode(name) == TensorIOMode.Input;
            byte[] values = isInput ? input.As(engine.GetTensorDataType(name)) : [];
            if (isInput)
            {
                context.SetInputShape(name, input.Shape);
            }

            int bytes = isInput ? values.Length : checked((int)context.GetTensorShape(name).Volume * 4);
            DeviceMemory<byte> there = Own(new DeviceMemory<byte>(bytes, device));
            PinnedMemory<byte>[] here = [Own(new PinnedMemory<byte>(bytes, device)), Own(new PinnedMemory<byte>(bytes, device))];
            context.SetTensorAddress(name, there.Pointer);
            NativeTensor tensor = new() { IsInput = isInput ? 1 : 0, Bytes = bytes, Host = (byte*)NativeMemory.AllocZeroed((nuint)bytes * (nuint)runs), Device = there.Pointer, Pinned0 = here[0].Pointer, Pinned1 = here[1].Pointer };
            for (int run = 0; run < runs && isInput; run++)
            {
                values.CopyTo(new Span<byte>(tensor.Host + ((long)run * bytes), bytes));
            }

            tensors[memory.Count] = tensor;
            memory.Add((there, here));
        }

        native = (NativeTensor*)NativeMemory.Alloc((nuint)(tensors.Length * sizeof(NativeTensor)));
        tensors.CopyTo(new Span<NativeTensor>(native, tensors.Length));
        CudaEvent[] events = [Own(new CudaEvent(device, EventFlags.DisableTiming)), Own(new CudaEvent(device, EventFlags.DisableTiming))];
        loop = new NativeLoop { Major = major == 8 ? 8 : 10, Context = (nint)((NativeObject)context).Address, Stream = stream, Event0 = events[0].Handle, Event1 = events[1].Handle, Count = tensors.Length, Tensors = native };
        context.EnqueueV3(stream); // what TensorRT does once is no part of a graph
        stream.Synchronize();
        if (graphs)
        {
            loop.Graph0 = Record(stream, memory, 0);
            loop.Graph1 = Record(stream, memory, 1);
        }
    }

    private delegate* unmanaged<NativeLoop*, DoubleBufferDriver*, long, long> Runs { get; }

    private delegate* unmanaged<NativeLoop*, DoubleBufferDriver*, long, long> Calls { get; }

    /// <summary>So many runs, the host's work beside the device's.</summary>
    public long Overlapped(DoubleBufferDriver driver, long runs)
    {
        fixed (NativeLoop* it = &loop)
        {
            return Runs(it, &driver, runs);
        }
    }

    /// <summary>So many runs one after the other.</summary>
    public long OneByOne(DoubleBufferDriver driver, long runs)
    {
        fixed (NativeLoop* it = &loop)
        {
            return Calls(it, &driver, runs);
        }
    }

    /// <summary>The output's values of a run.</summary>
    /// <param name="output">Which, in the engine's order of outputs.</param>
    /// <param name="run">Which run.</param>
    public ReadOnlySpan<float> Output(int output, int run)
    {
        NativeTensor tensor = tensors.Where(tensor => tensor.IsInput == 0).ElementAt(output);
        return MemoryMarshal.Cast<byte, float>(new ReadOnlySpan<byte>(tensor.Host + (run * tensor.Bytes), (int)tensor.Bytes));
    }

    public void Dispose()
    {
        context.Dispose();
        owned.Reverse();
        owned.ForEach(one => one.Dispose());
        foreach (NativeTensor tensor in tensors)
        {
            NativeMemory.Free(tensor.Host);
        }

        NativeMemory.Free(native);
    }

    private nint Record(CudaStream stream, List<(DeviceMemory<byte> Device, PinnedMemory<byte>[] Host)> memory, int side)
    {
        stream.BeginCapture();
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].IsInput != 0)
            {
                memory[i].Device.CopyFromAsync(memory[i].Host[side], stream);
            }
        }

        context.EnqueueV3(stream);
        for (int i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].IsInput == 0)
            {
                memory[i].Device.CopyToAsync(memory[i].Host[side], stream);
            }
        }

        using CudaGraph graph = stream.EndCapture();
        return Own(graph.Instantiate()).Handle;
    }

    private T Own<T>(T one)
        where T : IDisposable
    {
        owned.Add(one);
        return one;
    }

    /// <summary>As native/gpu_benchmark/double_buffer.cpp has it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NativeTensor
    {
        public long IsInput;
        public long Bytes;
        public byte* Host;
        public nint Device;
        public nint Pinned0;
        public nint Pinned1;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeLoop
    {
        public long Major;
        public nint Context;
        public nint Stream;
        public nint Graph0;
        public nint Graph1;
        public nint Event0;
        public nint Event1;
        public long Count;
        public NativeTensor* Tensors;
    }
}

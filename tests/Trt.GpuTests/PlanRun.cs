using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>An engine with a context and its tensors in device memory, run once or as a graph, compared bit for bit.</summary>
internal sealed class PlanRun : IDisposable
{
    private readonly Dictionary<string, DeviceMemory<byte>> memory = [];
    private readonly Dictionary<string, GrowingOutput> growing = [];
    private readonly Dictionary<string, DataType> outputs = [];
    private readonly IExecutionContext context;
    private readonly CudaStream stream;

    public PlanRun(ICudaEngine engine, Device device, Dictionary<string, HostTensor> inputs, int profile)
    {
        stream = new CudaStream(device);
        context = engine.CreateExecutionContext();
        if (profile > 0)
        {
            context.SetOptimizationProfileAsync(profile, stream);
            stream.Synchronize();
        }

        string[] names = [.. Enumerable.Range(0, engine.NbIOTensors).Select(engine.GetIOTensorName)];
        foreach (string name in names.Where(name => engine.GetTensorIOMode(name) == TensorIOMode.Input))
        {
            HostTensor input = inputs[name];
            context.SetInputShape(name, input.Shape);
            Bind(name, device, input.As(engine.GetTensorDataType(name)));
        }

        foreach (string name in names.Where(name => engine.GetTensorIOMode(name) == TensorIOMode.Output))
        {
            DataType type = engine.GetTensorDataType(name);
            outputs[name] = type;
            Dims shape = context.GetTensorShape(name);
            if (shape.IsStatic)
            {
                Bind(name, device, new byte[shape.Volume * SizeOf(type)]);
            }
            else
            {
                growing[name] = new GrowingOutput(device);
                context.SetOutputAllocator(name, growing[name]);
            }
        }
    }

    /// <summary>The context, bound and ready to run.</summary>
    public IExecutionContext Context => context;

    /// <summary>The stream of its runs.</summary>
    public CudaStream Stream => stream;

    /// <summary>The memory of an input, or of an output whose size is known.</summary>
    public DeviceMemory<byte> Memory(string name) => memory[name];

    /// <summary>Enqueues once and waits.</summary>
    public void Enqueue()
    {
        context.EnqueueV3(stream);
        stream.Synchronize();
    }

    /// <summary>Captures an enqueue, clears the outputs, and launches what was captured.</summary>
    public void EnqueueAsGraph()
    {
        stream.BeginCapture();
        context.EnqueueV3(stream);
        using CudaGraph graph = stream.EndCapture();
        using CudaGraphExec executable = graph.Instantiate();
        foreach (string name in outputs.Keys.Where(memory.ContainsKey))
        {
            memory[name].Clear();
        }

        executable.Launch(stream);
        stream.Synchronize();
    }

    /// <summary>What differs from the recorded answers, or null.</summary>
    public string? Difference(NpzFile answers, string set)
    {
        foreach ((string name, DataType type) in outputs)
        {
            NpzArray expected = answers[$"{set}.{name}"];
            Dims shape = growing.TryGetValue(name, out GrowingOutput? grown) ? grown.Shape : context.GetTensorShape(name);
            if (!shape.AsSpan().SequenceEqual(expected.Shape.AsSpan()))
            {
                return $"{name} has shape {shape}, expected [{string.Join(", ", expected.Shape)}]";
            }

            byte[] actual = grown?.Read((int)(shape.Volume * SizeOf(type))) ?? memory[name].ToArray();
            if (!actual.AsSpan().SequenceEqual(expected.Bytes))
            {
                int first = actual.AsSpan().CommonPrefixLength(expected.Bytes);
                return $"{name} differs from byte {first} of {expected.Bytes.Length} on ({type}, expected {expected.DType})";
            }
        }

        return null;
    }

    public void Dispose()
    {
        context.Dispose();
        stream.Dispose();
        foreach (DeviceMemory<byte> one in memory.Values)
        {
            one.Dispose();
        }

        foreach (GrowingOutput one in growing.Values)
        {
            one.Dispose();
        }
    }

    private static int SizeOf(DataType type) => type switch
    {
        DataType.Float or DataType.Int32 => 4,
        DataType.Int64 => 8,
        DataType.Half or DataType.BF16 => 2,
        _ => 1,
    };

    private void Bind(string name, Device device, byte[] values)
    {
        DeviceMemory<byte> bound = new(Math.Max(values.Length, 1), device);
        memory[name] = bound;
        bound.CopyFrom(values);
        context.SetTensorAddress(name, bound.Pointer);
    }
}

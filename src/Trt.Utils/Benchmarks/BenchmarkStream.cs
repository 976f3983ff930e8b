using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>One row of queries: a context, its memory, and streams for copies in, computation and copies out. Used by one thread at a time.</summary>
/// <remarks>On the host stand-in one stream does all three, since a copy there is work of the same processor.</remarks>
internal sealed class BenchmarkStream : IDisposable
{
    private readonly BenchmarkOptions options;
    private readonly InferenceContext context;
    private readonly int index;
    private readonly Dictionary<InferenceTensor, BenchmarkBuffer> buffers = [];
    private readonly CudaStream input;
    private readonly CudaStream compute;
    private readonly CudaStream output;
    private readonly BenchmarkQuery[] queries;
    private readonly Action sleep;
    private BenchmarkClock? clock;
    private int begun;
    private int ended;

    public BenchmarkStream(InferenceRunner runner, BenchmarkOptions options, int index)
    {
        this.options = options;
        this.index = index;
        TimeSpan pause = options.SleepTime;
        sleep = () => Thread.Sleep(pause);
        context = Rent(runner, options, index);
        Device device = runner.Device;
        bool isSeparate = options.TransferData && !device.IsHost;
        compute = context.Stream;
        input = isSeparate ? new CudaStream(device) : compute;
        output = isSeparate ? new CudaStream(device) : compute;
        queries = new BenchmarkQuery[options.ExposeTransfers ? 1 : 2];
        for (int i = 0; i < queries.Length; i++)
        {
            queries[i] = new BenchmarkQuery(device, options.SpinWait ? EventFlags.Default : EventFlags.BlockingSync);
        }

        try
        {
            foreach (InferenceTensor tensor in context.Inputs)
            {
                Give(tensor);
            }

            context.InferShapes();
            foreach (InferenceTensor tensor in context.Outputs)
            {
                Place(tensor);
            }

            foreach ((InferenceTensor tensor, BenchmarkBuffer buffer) in buffers)
            {
                if (tensor.Spec.IsInput)
                {
                    buffer.CopyToDevice(compute);
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Queries that are under way.</summary>
    public int Pending => begun - ended;

    /// <summary>How many may be.</summary>
    public int Depth => queries.Length;

    /// <summary>Whether computations are launches of a graph.</summary>
    public bool UsesGraph => context.WasGraph;

    public string? GraphRefusal => context.GraphRefusal;

    public IReadOnlyList<InferenceTensor> Inputs => context.Inputs;

    public IReadOnlyList<InferenceTensor> Outputs => context.Outputs;

    /// <summary>Runs without measuring: what the library does in its first run, and the recording of the graph, which comes in the second.</summary>
    public void Prepare()
    {
        for (int i = 0; i < 3; i++)
        {
            context.Run();
        }
    }

    /// <summary>Times count from the clock's zero.</summary>
    public void Begin(BenchmarkClock started) => clock = started;

    /// <summary>Enqueues a query.</summary>
    public void Query()
    {
        BenchmarkQuery query = queries[begun % queries.Length];
        if (options.TransferData)
        {
            input.Record(query.InputStart);
            foreach (InferenceTensor tensor in context.Inputs.AsSpan())
            {
                if (buffers.TryGetValue(tensor, out BenchmarkBuffer? buffer))
                {
                    buffer.CopyToDevice(input);
                }
            }

            input.Record(query.InputEnd);
            if (input != compute)
            {
                compute.Wait(query.InputEnd);
            }
        }

        if (options.SleepTime > TimeSpan.Zero)
        {
            compute.Enqueue(sleep);
        }

        compute.Record(query.ComputeStart);
        query.EnqueueStart = clock!.Now;
        context.Enqueue();
        query.EnqueueEnd = clock.Now;
        compute.Record(query.ComputeEnd);
        if (options.TransferData)
        {
            if (output != compute)
            {
                output.Wait(query.ComputeEnd);
            }

            output.Record(query.OutputStart);
            foreach (InferenceTensor tensor in context.Outputs.AsSpan())
            {
                if (buffers.TryGetValue(tensor, out BenchmarkBuffer? buffer))
                {
                    if (buffer.IsTooSmall(tensor.ByteCount))
                    {
                        output.Synchronize(); // of the query before, whose copy may be under way
                        buffer.Grow(tensor.ByteCount);
                    }

                    buffer.CopyToHost(output, tensor.DevicePointer);
                }
            }

            output.Record(query.OutputEnd);
        }

        begun++;
    }

    /// <summary>Waits for the oldest query under way.</summary>
    public QueryTimes Wait()
    {
        BenchmarkQuery query = queries[ended % queries.Length];
        (options.TransferData ? query.OutputEnd : query.ComputeEnd).Synchronize();
        ended++;
        double computeStart = query.ComputeStart.MillisecondsSince(clock!.Zero);
        double computeTime = query.ComputeEnd.MillisecondsSince(query.ComputeStart);
        return options.TransferData
            ? new QueryTimes(
                index, query.EnqueueStart, query.EnqueueEnd, query.InputStart.MillisecondsSince(clock.Zero), query.InputEnd.MillisecondsSince(query.InputStart), computeStart, computeTime,
                query.OutputStart.MillisecondsSince(clock.Zero), query.OutputEnd.MillisecondsSince(query.OutputStart))
            : new QueryTimes(index, query.EnqueueStart, query.EnqueueEnd, computeStart, 0, computeStart, computeTime, computeStart + computeTime, 0);
    }

    /// <summary>One run, waited for.</summary>
    public void RunOnce() => context.Run();

    /// <summary>One run of a context that somebody has set to watch it.</summary>
    public void Observe(Action<IExecutionContext> observe)
    {
        observe(context.ExecutionContext);
        context.Run();
    }

    /// <summary>Inputs and outputs as they are now.</summary>
    public BenchmarkTensor[] Tensors() => [.. context.Tensors.Select(tensor => new BenchmarkTensor(
        tensor.Spec, tensor.Shape, tensor.Spec.Format == TensorFormat.Linear ? default : context.ExecutionContext.GetTensorStrides(tensor.Name),
        tensor.Spec.IsInput && buffers.TryGetValue(tensor, out BenchmarkBuffer? buffer) ? buffer.Host.ToArray() : tensor.Copy()))];

    public void Dispose()
    {
        if (input != compute)
        {
            input.Dispose();
            output.Dispose();
        }

        try
        {
            context.Dispose(); // waits for what is under way
        }
        finally
        {
            foreach (BenchmarkQuery query in queries)
            {
                query.Dispose();
            }

            foreach (BenchmarkBuffer buffer in buffers.Values)
            {
                buffer.Dispose();
            }
        }
    }

    /// <summary>Gives an input its shape, memory and values.</summary>
    private void Give(InferenceTensor tensor)
    {
        TensorSpec spec = tensor.Spec;
        if (spec.IsOnHost)
        {
            GiveShapeTensor(tensor);
            return;
        }

        Dims shape = ShapeOf(spec);
        BenchmarkBuffer buffer = new(context.Device, spec.MemoryBytes(shape), options.UseManagedMemory, hasDevice: true);
        buffers.Add(tensor, buffer);
        Fill(spec, shape, buffer.Host);
        tensor.Bind(buffer.DevicePointer, buffer.Bytes, shape);
    }

    private void GiveShapeTensor(InferenceTensor tensor)
    {
        TensorSpec spec = tensor.Spec;
        IReadOnlyList<long> values = options.Shapes.TryGetValue(spec.Name, out IReadOnlyList<long>? given) ? given
            : spec.OptValues(options.Profile) is { } tuned ? tuned
            : throw new ArgumentException($"Input \"{spec.Name}\" is a shape tensor, and the library does not tell which values profile {options.Profile} was tuned for: give them.");
        Dims shape = spec.Shape.IsStatic ? spec.Shape : new Dims([values.Count]);
        if (spec.DataType == DataType.Int64)
        {
            tensor.CopyFrom<long>([.. values], shape);
        }
        else if (spec.DataType == DataType.Bool)
        {
            tensor.CopyFrom<bool>([.. values.Select(value => value != 0)], shape);
        }
        else
        {
            tensor.CopyFrom<int>([.. values.Select(value => checked((int)value))], shape);
        }
    }

    private Dims ShapeOf(TensorSpec spec)
    {
        if (!options.Shapes.TryGetValue(spec.Name, out IReadOnlyList<long>? given))
        {
            return spec.OptShape(options.Profile);
        }

        Dims shape = new([.. given]);
        ShapeRules.Check(spec, shape);
        return shape;
    }

    private void Fill(TensorSpec spec, in Dims shape, Span<byte> bytes)
    {
        if (options.Values?.Invoke(spec, shape) is not { } values)
        {
            // Another row of random numbers for each input, but the same for each stream and each run.
            RandomValues.Fill(bytes, spec.DataType, new Random(unchecked((options.Seed * 397) + spec.Index)));
            return;
        }

        ReadOnlySpan<byte> given = values.ToContiguous().Bytes;
        if (given.Length != bytes.Length)
        {
            throw new ArgumentException($"Input \"{spec.Name}\" {spec.DataType} {ShapeText.Of(shape)} takes {bytes.Length} bytes{(spec.VectorLength > 1 ? $", with those that fill the vectors of {spec.Format}" : "")}; {given.Length} were given.");
        }

        given.CopyTo(bytes);
    }

    /// <summary>Gives an output memory where the benchmark copies it itself.</summary>
    private void Place(InferenceTensor tensor)
    {
        tensor.KeepOnDevice = true;
        if (tensor.Spec.IsOnHost)
        {
            return;
        }

        bool isManaged = options.UseManagedMemory && tensor.Shape.IsStatic && tensor.Spec.AliasedInput is null;
        if (!options.TransferData && !isManaged)
        {
            return;
        }

        BenchmarkBuffer buffer = new(context.Device, tensor.Shape.IsStatic ? tensor.ByteCount : 0, isManaged, hasDevice: isManaged);
        buffers.Add(tensor, buffer);
        if (isManaged)
        {
            tensor.Bind(buffer.DevicePointer, buffer.Bytes);
        }
    }

    /// <summary>A context of the stream's own. Where the library makes no more, waiting for one would never end: the others are kept for the whole run.</summary>
    private static InferenceContext Rent(InferenceRunner runner, BenchmarkOptions options, int index)
    {
        using CancellationTokenSource waiting = new();
        ValueTask<InferenceContext> rented = runner.RentAsync(waiting.Token);
        if (rented.IsCompleted)
        {
            return rented.GetAwaiter().GetResult();
        }

        waiting.Cancel();
        throw new InvalidOperationException($"Of {options.Streams} streams only {index} can run this engine: {runner.ContextLimit}");
    }
}

using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>How an <see cref="EngineBenchmark"/> measures. What is not said is as in trtexec of TensorRT 11: no copies in the measured queries, CUDA graphs, waiting threads may spin; see <see cref="AsTensorRt10"/>.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>The inputs' shapes by name; of a shape tensor, whose values lie on the host, its values. What is missing has the optimum of the profile.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Shapes { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Gives an input its values, in the engine's type and shape; null, or an answer of null: random values.</summary>
    public Func<TensorSpec, Dims, TorchTensor?>? Values { get; init; }

    /// <summary>For random values: floats in −1 to 1, integers −128 to 127, unsigned bytes 0 to 255, booleans 0 and 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>At least so many measured queries of each stream.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>How long queries run before they are measured.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long queries are measured at least. Null: until cancelled, which then gives a report instead of an exception.</summary>
    public TimeSpan? Duration { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A pause on the device between a query's copy in and its computation.</summary>
    public TimeSpan SleepTime { get; init; }

    /// <summary>A pause on the host between two queries.</summary>
    public TimeSpan IdleTime { get; init; }

    /// <summary>Contexts that run side by side, each with streams of its own.</summary>
    public int Streams { get; init; } = 1;

    /// <summary>Whether each stream has a thread of its own; else one thread serves all in turns.</summary>
    public bool UseThreads { get; init; }

    /// <summary>Whether a query copies its inputs to the device and its outputs to the host.</summary>
    public bool TransferData { get; init; }

    /// <summary>Whether a query begins only when the one before has ended, so that copies do not overlap computation. Else one query is enqueued ahead.</summary>
    public bool ExposeTransfers { get; init; }

    /// <summary>Whether inputs and outputs lie in managed memory, which the device and the host share; copies are then prefetches.</summary>
    public bool UseManagedMemory { get; init; }

    /// <summary>Whether a waiting thread may spin; else it sleeps. On the host stand-in it always sleeps.</summary>
    public bool SpinWait { get; init; } = true;

    /// <summary>Whether computations are launched as CUDA graphs; where the engine allows none, a warning says why, and they are enqueued one by one.</summary>
    public bool UseCudaGraphs { get; init; } = true;

    /// <summary>The optimization profile.</summary>
    public int Profile { get; init; }

    /// <summary>How contexts get their scratch memory.</summary>
    public ExecutionContextAllocationStrategy AllocationStrategy { get; init; } = ExecutionContextAllocationStrategy.Static;

    /// <summary>Which part of the L2 cache that can be set aside a context may use for what stays between its layers, 0 to 1.</summary>
    public double PersistentCacheRatio { get; init; }

    /// <summary>Whether the time of each layer is measured too, in runs of their own after the others.</summary>
    public bool ProfileLayers { get; init; }

    /// <summary>Percentiles to report, above 0 and up to 100.</summary>
    public IReadOnlyList<double> Percentiles { get; init; } = [90, 95, 99];

    /// <summary>Where the engine's memory is; null as for <see cref="RunnerOptions.Device"/>.</summary>
    public Device? Device { get; init; }

    /// <summary>What the report calls the engine; null: the name that its network had.</summary>
    public string? Name { get; init; }

    /// <summary>Called for each execution context before its first run.</summary>
    public Action<IExecutionContext>? ConfigureContext { get; init; }

    /// <summary>Called for the execution context of one further run, after the measured ones and without graphs: for a debug listener. Null: there is no such run.</summary>
    public Action<IExecutionContext>? ObserveRun { get; init; }

    /// <summary>The same with the defaults of trtexec up to TensorRT 10: copies, no CUDA graphs, waiting threads sleep.</summary>
    public BenchmarkOptions AsTensorRt10() => this with { TransferData = true, UseCudaGraphs = false, SpinWait = false };
}

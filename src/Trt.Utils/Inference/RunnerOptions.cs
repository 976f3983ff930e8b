using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>How an <see cref="InferenceRunner"/> runs its engine.</summary>
public sealed record RunnerOptions
{
    /// <summary>Where the engine's memory is. Null: the host for the CPU runtime, else the device on which the engine was loaded.</summary>
    public Device? Device { get; init; }

    /// <summary>How many runs may be under way at once, each with a context and memory of its own; 4 unless said otherwise. Contexts are made when they are first needed.</summary>
    public int MaxContexts { get; init; } = 4;

    /// <summary>Whether runs are recorded as CUDA graphs and launched as such once their shapes and addresses have come a second time. What cannot be recorded runs without.</summary>
    public bool UseCudaGraphs { get; init; }

    /// <summary>How many graphs a context keeps; 4 unless said otherwise. Each has an execution context of its own, since a context must not change while its graph is used, and so its own scratch memory.</summary>
    public int MaxGraphs { get; init; } = 4;

    /// <summary>How contexts get their scratch memory: for any shapes and profile when they are made (static), for a profile when it is chosen, or (user-managed) for the shapes of the runs, which the runner then allocates.</summary>
    public ExecutionContextAllocationStrategy AllocationStrategy { get; init; } = ExecutionContextAllocationStrategy.Static;

    /// <summary>The optimization profile of all runs. Null: of those that allow a run's shapes, the one whose optimum is nearest to them.</summary>
    public int? Profile { get; init; }

    /// <summary>What messages call the engine; null: its file's name, else the name that its network had.</summary>
    public string? Name { get; init; }

    /// <summary>Called once for each execution context, before its first run: for a profiler, auxiliary streams or a debug listener.</summary>
    public Action<IExecutionContext>? ConfigureContext { get; init; }

    /// <summary>For <see cref="InferenceRunner.Load(string, TensorRtLibrary?, RunnerOptions?)"/>: hears the library. Null: warnings and errors go to the console.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>For <see cref="InferenceRunner.Load(string, TensorRtLibrary?, RunnerOptions?)"/>: how the plan is loaded. Null: as it is.</summary>
    public EngineLoadOptions? Load { get; init; }
}

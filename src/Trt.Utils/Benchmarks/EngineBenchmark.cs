using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Measures an engine as trtexec does: queries run back to back, one enqueued ahead, with marks in the device's streams around copy in, computation and copy out.</summary>
/// <remarks>
/// <code>
/// BenchmarkReport report = EngineBenchmark.Run(engine, new BenchmarkOptions { TransferData = true });
/// Console.WriteLine($"{report.Throughput:0} queries a second, median {report.Latency.Median:0.000} ms");
/// </code>
/// On a GPU times are those of CUDA events; on the host stand-in, which the CPU runtime uses, those of the processor's clock. The throughput is an upper bound: an application that waits for each result has less.
/// </remarks>
public static class EngineBenchmark
{
    /// <summary>As many layer times as are kept, so that profiling a large engine for long does not use up the memory.</summary>
    private const long MostLayerTimes = 1 << 23;

    /// <summary>Measures.</summary>
    /// <param name="engine">The engine; its contexts of others may be idle meanwhile, but count as load when they are not.</param>
    /// <param name="options">How; null: one stream for 3 s.</param>
    /// <param name="cancellation">Ends the measuring; without <see cref="BenchmarkOptions.Duration"/> that is its regular end.</param>
    /// <exception cref="ArgumentException">A shape or value does not fit the engine, or an option is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="NotInThisReleaseException">An option needs what the library lacks.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public static BenchmarkReport Run(ICudaEngine engine, BenchmarkOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(engine);
        options ??= new BenchmarkOptions();
        Check(options);
        Device device = options.Device ?? (TensorRtLibrary.Of(engine) is null or { Flavour: Flavour.Cpu } ? Device.Host : Device.Current);
        RunnerOptions runnerOptions = new()
        {
            Device = device,
            MaxContexts = options.Streams,
            UseCudaGraphs = options.UseCudaGraphs,
            MaxGraphs = 1,
            Profile = options.Profile,
            Name = options.Name,
            AllocationStrategy = options.AllocationStrategy,
            ConfigureContext = context => Configure(context, options, device),
        };
        if (options.Profile >= engine.NbOptimizationProfiles)
        {
            throw new ArgumentException($"Profile {options.Profile} was asked for, but {options.Name ?? "the engine"} has {engine.NbOptimizationProfiles}, numbered from 0.");
        }

        List<string> warnings = [];
        DateTimeOffset time = DateTimeOffset.Now;
        BenchmarkRun run;
        (string Engine, string Library, string Device) names;
        using (InferenceRunner runner = new(engine, runnerOptions))
        {
            CheckNames(runner, options);
            names = (runner.Name, TensorRtLibrary.Of(engine)?.ToString() ?? "", runner.Device.IsHost ? runner.Device.Name : $"{runner.Device.Name} ({runner.Device})");
            run = Measure(runner, options, cancellation, warnings);
        }

        LayerTimer? layers = options.ProfileLayers ? Profile(engine, runnerOptions, options, cancellation, warnings) : null;
        if (options.ObserveRun is { } observe)
        {
            using InferenceRunner runner = new(engine, runnerOptions with { MaxContexts = 1, UseCudaGraphs = false });
            using BenchmarkStream stream = new(runner, options with { Streams = 1, UseCudaGraphs = false }, 0);
            stream.Observe(observe);
        }

        return BenchmarkReport.Of(names, time, options, run.Tensors, run.Trace, (run.WarmUpQueries, run.WarmUpTime), run.UsedGraphs, warnings, layers);
    }

    private static void Check(BenchmarkOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Streams, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Iterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.Profile, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WarmUp, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.IdleTime, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SleepTime, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Duration ?? TimeSpan.Zero, TimeSpan.Zero, nameof(options));
        if (options.PersistentCacheRatio is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.PersistentCacheRatio, "The ratio of the persistent cache is 0 to 1.");
        }

        foreach (double percent in options.Percentiles)
        {
            if (percent is not (> 0 and <= 100))
            {
                throw new ArgumentOutOfRangeException(nameof(options), percent, "A percentile is above 0 and at most 100.");
            }
        }
    }

    private static void CheckNames(InferenceRunner runner, BenchmarkOptions options)
    {
        foreach (string name in options.Shapes.Keys)
        {
            if (!runner.Inputs.Any(input => input.Name == name))
            {
                throw new ArgumentException($"A shape was given for \"{name}\", but {runner.Name} has no such input; it has {string.Join(", ", runner.Inputs.Select(input => $"\"{input.Name}\""))}.");
            }
        }
    }

    private static void Configure(IExecutionContext context, BenchmarkOptions options, Device device)
    {
        if (options.PersistentCacheRatio > 0)
        {
            context.PersistentCacheLimit = (nuint)(options.PersistentCacheRatio * device.GetAttribute(DeviceAttribute.MaxPersistingL2CacheSize));
        }

        options.ConfigureContext?.Invoke(context);
    }

    private static BenchmarkRun Measure(InferenceRunner runner, BenchmarkOptions options, CancellationToken cancellation, List<string> warnings)
    {
        List<BenchmarkStream> streams = [];
        try
        {
            for (int i = 0; i < options.Streams; i++)
            {
                if (i > 0 && runner.ContextLimit is { } limit)
                {
                    throw new ArgumentException($"{options.Streams} streams were asked for, but the library makes only {runner.ContextCount} execution contexts: {limit}");
                }

                streams.Add(new BenchmarkStream(runner, options, i));
            }

            streams.ForEach(stream => stream.Prepare());
            bool usedGraphs = streams.TrueForAll(stream => stream.UsesGraph);
            if (options.UseCudaGraphs && !usedGraphs)
            {
                warnings.Add($"Computations are enqueued without CUDA graphs: {streams.Select(stream => stream.GraphRefusal).FirstOrDefault(refusal => refusal is not null) ?? "the engine's runs could not be recorded"}.");
            }

            using BenchmarkClock clock = new(runner.Device);
            streams.ForEach(stream => stream.Begin(clock));
            List<BenchmarkLoop> loops = [.. options.UseThreads ? streams.Select(stream => new BenchmarkLoop([stream], clock, options, cancellation)) : [new BenchmarkLoop(streams, clock, options, cancellation)]];
            if (loops.Count == 1)
            {
                loops[0].Run();
            }
            else
            {
                RunThreads(loops, runner.Device);
            }

            return new BenchmarkRun(
                [.. streams[0].Tensors()], [.. loops.SelectMany(loop => loop.Trace)], loops.Sum(loop => loop.WarmUpQueries), loops.Max(loop => loop.WarmUpTime), usedGraphs);
        }
        finally
        {
            streams.ForEach(stream => stream.Dispose());
        }
    }

    private static void RunThreads(List<BenchmarkLoop> loops, Device device)
    {
        ExceptionDispatchInfo? failure = null;
        Thread[] threads = [.. loops.Select((loop, i) => new Thread(() =>
        {
            try
            {
                device.MakeCurrent();
                loop.Run();
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                loops.ForEach(other => other.Stop());
            }
        }) { IsBackground = true, Name = $"benchmark stream {i}" })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failure?.Throw();
    }

    /// <summary>Layers are measured in runs of their own: measuring them makes runs longer.</summary>
    private static LayerTimer Profile(ICudaEngine engine, RunnerOptions runnerOptions, BenchmarkOptions options, CancellationToken cancellation, List<string> warnings)
    {
        LayerTimer timer = new();
        using InferenceRunner runner = new(engine, runnerOptions with
        {
            MaxContexts = 1,
            UseCudaGraphs = false,
            ConfigureContext = context =>
            {
                Configure(context, options, runnerOptions.Device!);
                context.Profiler = timer;
            },
        });
        using (BenchmarkStream stream = new(runner, options with { Streams = 1, UseCudaGraphs = false }, 0))
        {
            // The first run holds what the library does only once.
            timer.BeginRun();
            stream.RunOnce();
            timer.Clear();
            using BenchmarkClock clock = new(runner.Device);
            double end = (options.Duration ?? TimeSpan.FromSeconds(3)).TotalMilliseconds;
            while ((timer.Runs < options.Iterations || clock.Now < end) && timer.Kept < MostLayerTimes)
            {
                cancellation.ThrowIfCancellationRequested();
                timer.BeginRun();
                stream.RunOnce();
            }
        }

        if (timer.Kept == 0)
        {
            warnings.Add("The library told no times of layers. Engines built without layer names (profiling verbosity none) have none.");
        }

        if (TensorRtLibrary.Of(engine)?.Supports("ICudaEngine.getNbAuxStreams") == true && engine.NbAuxStreams > 0)
        {
            warnings.Add("The engine uses auxiliary streams: layers run side by side, and the sum of their times is more than the whole.");
        }

        return timer;
    }
}

using System.Collections.Immutable;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>A model, ready to run: takes samples in almost any form, and gives results in the same form.</summary>
/// <remarks>
/// <code>
/// using var engine = new Engine("lenet.onnx", o => o.Postprocess("prob", Post.Argmax));
/// int digit = engine.Infer&lt;int&gt;(Image.Load("7.pgm"));
/// </code>
/// All members are safe to use from any thread; up to <see cref="EngineOptions.Contexts"/> calls run side by side, further ones wait. Disposing ends pipelines, lets runs that are under way
/// end, and frees everything.
/// </remarks>
public sealed partial class Engine : IDisposable, IAsyncDisposable
{
    private readonly EngineOptions options;
    private readonly IDisposable? owned;
    private readonly ModelLayout layout;
    private readonly Processors processors;
    private readonly InputSet inputs;
    private readonly DeviceProcessing? processing;
    private readonly LanePool lanes;
    private readonly SpanRun spans;
    private readonly StageClock clock;
    private readonly CancellationTokenSource disposal = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Calls under way, and one more until it is disposed.</summary>
    private int uses = 1;
    private int isDisposed;

    /// <summary>Opens a model: loads a plan, or builds an ONNX model, or weights of an architecture for which there is a model builder.</summary>
    /// <param name="path">The model's file; its content says what it is.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">An option does not fit the model.</exception>
    /// <exception cref="NotSupportedException">The file is of a kind that is not read, or the library wants a GPU and there is none.</exception>
    /// <exception cref="BuildRefusedException">An option cannot be fulfilled by the library, or does not fit the network; nothing was built.</exception>
    /// <exception cref="OnnxParseException">The library's parser refused the model.</exception>
    /// <exception cref="EngineFileException">The plan is of another release, runtime or GPU, or damaged; the message says what to do.</exception>
    /// <exception cref="TensorRtException">The library could not build or load it; the message has its reason.</exception>
    /// <exception cref="TensorRtNotFoundException">No library was found; the message says what to do, and its inner exception what was searched.</exception>
    public Engine(string path, Action<EngineOptions>? configure = null)
        : this(Configured(new EngineOptions { Path = path }, configure))
    {
    }

    /// <summary>Opens what the options name.</summary>
    /// <param name="options">At least <see cref="EngineOptions.Path"/> or <see cref="EngineOptions.Network"/>.</param>
    /// <inheritdoc cref="Engine(string, Action{EngineOptions})" path="/exception"/>
    public Engine(EngineOptions options)
        : this(options ?? throw new ArgumentNullException(nameof(options)), CancellationToken.None)
    {
    }

    /// <summary>Builds a network that a function defines.</summary>
    /// <param name="network">Fills an empty network: inputs, layers, outputs.</param>
    /// <param name="configure">Sets options.</param>
    /// <inheritdoc cref="Engine(string, Action{EngineOptions})" path="/exception"/>
    public Engine(Action<INetworkDefinition> network, Action<EngineOptions>? configure = null)
        : this(Configured(new EngineOptions { Network = network ?? throw new ArgumentNullException(nameof(network)) }, configure))
    {
    }

    /// <summary>Runs an engine that somebody else loaded or built.</summary>
    /// <param name="engine">The engine; the caller's, to be disposed after this.</param>
    /// <param name="configure">Sets options; those for building count for nothing.</param>
    /// <exception cref="ArgumentException">An option does not fit the engine.</exception>
    public Engine(ICudaEngine engine, Action<EngineOptions>? configure = null)
        : this(engine, null, Configured(new EngineOptions(), configure))
    {
    }

    private Engine(EngineOptions options, CancellationToken cancellationToken)
        : this(new EngineOpener(options.Checked()).Open(cancellationToken), options)
    {
    }

    /// <summary>Runs an engine that becomes its own.</summary>
    internal Engine(ICudaEngine opened, EngineOptions options)
        : this(opened, opened, options)
    {
    }

    private Engine(ICudaEngine engine, IDisposable? owned, EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(engine);
        this.options = options.Checked();
        this.owned = owned;
        Name = options.Name ?? (options.Path is { } path ? Path.GetFileName(path) : engine.Name is { Length: > 0 } name ? name : "the engine");
        try
        {
            Runner = new InferenceRunner(engine, RunnerOptionsOf(engine));
            clock = new StageClock(Name);
            layout = new ModelLayout(Runner, options.HasBatch, options.Profile);
            layout.Check(options.InputNodes);
            processors = new Processors(layout, options);
            inputs = new InputSet(layout, processors.Readers);
            spans = new SpanRun(layout, clock, options.Convert);
            SpanBatches = new SpanBatches(Runner, layout, clock, options.Convert);
            processing = options.Processing == ProcessingDevice.Gpu ? new DeviceProcessing(Runner, layout, processors) : null;
            lanes = new LanePool(layout, clock, processing, options.Parallelism ?? 1);
            WarmUp(options.WarmUp);
        }
        catch (Exception)
        {
            processing?.Dispose();
            SpanBatches?.Dispose();
            Runner?.Dispose();
            owned?.Dispose();
            throw;
        }
    }

    /// <summary>What messages, metrics and traces call the engine.</summary>
    public string Name { get; }

    /// <summary>The inputs in the model's order.</summary>
    public ImmutableArray<TensorSpec> Inputs => Runner.Inputs;

    /// <summary>The outputs in the model's order.</summary>
    public ImmutableArray<TensorSpec> Outputs => Runner.Outputs;

    /// <summary>The most samples of a run; longer batches and lists are split.</summary>
    public int MaxBatch => layout.MaxBatch;

    /// <summary>Whether the first axis of the inputs is the batch.</summary>
    public bool HasBatch => layout.HasBatch;

    /// <summary>What runs the engine: contexts to rent, tensors to bind, streams. It shares <see cref="EngineOptions.Contexts"/> with the calls of this class.</summary>
    public InferenceRunner Runner { get; }

    /// <summary>How long the stages of calls and pipelines took, since the engine was opened or <see cref="ResetReport"/> was called.</summary>
    public Report Report => clock.Report();

    /// <summary>Begins the report anew.</summary>
    public void ResetReport() => clock.Reset();

    /// <summary>Opens a model on a thread of its own: builds take minutes.</summary>
    /// <param name="path">The model's file; its content says what it is.</param>
    /// <param name="configure">Sets options.</param>
    /// <param name="cancellationToken">Stops a build at its next step.</param>
    /// <inheritdoc cref="Engine(string, Action{EngineOptions})" path="/exception"/>
    public static Task<Engine> OpenAsync(string path, Action<EngineOptions>? configure = null, CancellationToken cancellationToken = default) =>
        OpenAsync(Configured(new EngineOptions { Path = path }, configure), cancellationToken);

    /// <summary>Opens what the options name on a thread of its own: builds take minutes.</summary>
    /// <param name="options">At least <see cref="EngineOptions.Path"/> or <see cref="EngineOptions.Network"/>.</param>
    /// <param name="cancellationToken">Stops a build at its next step.</param>
    /// <inheritdoc cref="Engine(string, Action{EngineOptions})" path="/exception"/>
    public static Task<Engine> OpenAsync(EngineOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Task.Factory.StartNew(() => new Engine(options, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    /// <summary>Runs with zeros in shapes that the engine is tuned for, so that calls after it are as quick as they get. Nothing of it is in the report.</summary>
    /// <param name="runs">How many for each context; waits for one, and leaves out others that are in use. 0: none.</param>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public void WarmUp(int runs = 2)
    {
        using Use use = new(this);
        List<InferenceContext> rented = [];
        try
        {
            // All at once, so that each is another. The library may make fewer than were asked for: most plans of TensorRT 8 allow one for each profile.
            for (int i = 0; i < options.Contexts && runs > 0; i++)
            {
                if (i == 0)
                {
                    rented.Add(Runner.Rent());
                }
                else if (Runner.TryRent(out InferenceContext? further))
                {
                    rented.Add(further);
                }
                else
                {
                    return;
                }

                WarmUp(rented[i], runs);
            }
        }
        finally
        {
            rented.ForEach(context => context.Dispose());
        }
    }

    /// <summary>Ends pipelines, waits for calls that are under way, and frees everything. Not to be called by a processor of a call that is under way.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0)
        {
            disposal.Cancel();
            EndUse();
            idle.Task.Wait();
            Free();
        }
    }

    /// <summary>Ends pipelines, waits for calls that are under way without keeping a thread, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) == 0)
        {
            await disposal.CancelAsync().ConfigureAwait(false);
            EndUse();
            await idle.Task.ConfigureAwait(false);
            Free();
        }
    }

    /// <summary>Name, inputs and outputs.</summary>
    public override string ToString() => $"{Name}: {string.Join(", ", Inputs)} -> {string.Join(", ", Outputs)}";

    private RunnerOptions RunnerOptionsOf(ICudaEngine engine)
    {
        if (options.Profile >= engine.NbOptimizationProfiles)
        {
            throw new ArgumentOutOfRangeException(nameof(options.Profile), $"EngineOptions.Profile is {options.Profile}, but {Name} has {engine.NbOptimizationProfiles} {(engine.NbOptimizationProfiles == 1 ? "profile, 0" : "profiles, from 0")}.");
        }

        bool isCpu = TensorRtLibrary.Of(engine) is null or { Flavour: Flavour.Cpu };
        return new RunnerOptions
        {
            Name = Name,
            MaxContexts = options.Contexts,
            Profile = options.Profile,
            UseCudaGraphs = options.CudaGraphs ?? !isCpu,
            Device = isCpu || options.Device is not { } device ? null : Interop.Cuda.Device.All[device],
        };
    }

    private static EngineOptions Configured(EngineOptions options, Action<EngineOptions>? configure)
    {
        configure?.Invoke(options);
        return options;
    }

    /// <summary>A call begins.</summary>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    private void BeginUse()
    {
        Interlocked.Increment(ref uses);
        if (Volatile.Read(ref isDisposed) != 0)
        {
            EndUse();
            ObjectDisposedException.ThrowIf(true, this);
        }
    }

    private void EndUse()
    {
        if (Interlocked.Decrement(ref uses) == 0)
        {
            idle.TrySetResult();
        }
    }

    private void Free()
    {
        processing?.Dispose();
        SpanBatches.Dispose();
        Runner.Dispose();
        owned?.Dispose();
        disposal.Dispose();
    }

    /// <summary>Pre- and post-processors.</summary>
    internal Processors Processors => processors;

    /// <summary>Numbers in and out in several runs.</summary>
    internal SpanBatches SpanBatches { get; }

    /// <summary>One run on zeros that is in no report.</summary>
    internal async ValueTask ProbeAsync(CancellationToken cancellationToken)
    {
        using Use use = new(this);
        using InferenceContext context = await Runner.RentAsync(cancellationToken).ConfigureAwait(false);
        if (TryFillWithZeros(context))
        {
            await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
        }
    }

    private void WarmUp(InferenceContext context, int runs)
    {
        for (int run = 0; run < runs && TryFillWithZeros(context); run++)
        {
            context.Run();
        }
    }

    /// <summary>Gives all inputs zeros in the shapes that the engine is tuned for; false where values decide shapes, for which zeros would be wrong.</summary>
    private bool TryFillWithZeros(InferenceContext context)
    {
        if (context.Inputs.Any(input => input.Spec.IsOnHost))
        {
            return false;
        }

        foreach (InferenceTensor input in context.Inputs)
        {
            input.Shape = input.Spec.OptShape(options.Profile ?? 0);
            TensorBytes.Of(input).Clear();
        }

        return true;
    }

    /// <summary>A call that is under way: disposing the engine waits for it.</summary>
    private readonly struct Use : IDisposable
    {
        private readonly Engine engine;

        public Use(Engine engine)
        {
            engine.BeginUse();
            this.engine = engine;
        }

        public void Dispose() => engine.EndUse();
    }
}

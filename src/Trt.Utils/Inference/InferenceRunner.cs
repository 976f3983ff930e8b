using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Runs an engine: gives inputs their values, checks shapes and types before anything is enqueued, keeps outputs' memory, and lets any number of threads run at once.</summary>
/// <remarks>
/// <code>
/// using InferenceRunner runner = InferenceRunner.Load("lenet.plan");
/// runner.Run&lt;float, float&gt;(pixels, probabilities);
/// </code>
/// Each run takes an <see cref="InferenceContext"/> of its own, up to <see cref="RunnerOptions.MaxContexts"/>; when all are in use it waits for one. <see cref="Rent"/> gives a context for several runs, with
/// tensors to write and read without a copy, device memory to bind, streams of one's own and graphs. All members are safe to use from any thread. Runs that repeat shapes allocate nothing.
/// </remarks>
public sealed class InferenceRunner : IDisposable
{
    private const int WatchMilliseconds = 50;

    private readonly FrozenDictionary<string, int> indexes;
    private readonly ContextPool pool;
    private readonly ICudaEngine? owned;
    private readonly Lazy<Timer> timer;
    private int awaited;

    /// <summary>Makes a runner for an engine.</summary>
    /// <param name="engine">The caller's; to be disposed after the runner.</param>
    /// <param name="options">Null: one context for each of up to four threads, no graphs, profiles chosen by shapes.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The engine works on another device.</exception>
    public InferenceRunner(ICudaEngine engine, RunnerOptions? options = null)
        : this(engine, options ?? new RunnerOptions(), null)
    {
    }

    private InferenceRunner(ICudaEngine engine, RunnerOptions options, ICudaEngine? owned)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxContexts, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxGraphs, 1, nameof(options));
        TensorRtLibrary? library = TensorRtLibrary.Of(engine);
        TellsWhetherCapturable = library?.Supports("IExecutionContext.isStreamCapturable") == true;
        Engine = engine;
        Options = options;
        this.owned = owned;
        Device? bound = TensorRtLibrary.DeviceOf(engine);
        if (bound is not null && options.Device is { } asked && asked != bound)
        {
            throw new ArgumentException($"The engine was loaded on {bound}, but RunnerOptions.Device is {asked}: load it with {asked} current (Device.Use), or leave the option out.", nameof(options));
        }

        Device = options.Device ?? bound ?? (library is null or { Flavour: Flavour.Cpu } ? Device.Host : Device.Current);
        Name = options.Name ?? (engine.Name is { Length: > 0 } name ? name : "the engine");
        ProfileCount = engine.NbOptimizationProfiles;
        if (options.Profile is { } profile)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(profile, nameof(options));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(profile, ProfileCount, nameof(options));
        }

        TensorSpec[] specs = new TensorSpec[engine.NbIOTensors];
        for (int i = 0; i < specs.Length; i++)
        {
            specs[i] = new TensorSpec(engine, i, ProfileCount, member => library?.Supports(member) ?? true);
        }

        Inputs = [.. specs.Where(spec => spec.IsInput)];
        Outputs = [.. specs.Where(spec => !spec.IsInput)];
        Tensors = [.. Inputs, .. Outputs];
        indexes = Tensors.Select((spec, i) => KeyValuePair.Create(spec.Name, i)).ToFrozenDictionary(StringComparer.Ordinal);
        Profiles = new ProfileTable(Name, ProfileCount);
        pool = new ContextPool(this, options.MaxContexts);
        timer = new Lazy<Timer>(() => new Timer(static state => ((InferenceRunner)state!).LookAfterAwaited(), this, Timeout.Infinite, Timeout.Infinite));
    }

    /// <summary>The engine.</summary>
    public ICudaEngine Engine { get; }

    /// <summary>Where runs have their memory.</summary>
    public Device Device { get; }

    /// <summary>What messages call the engine.</summary>
    public string Name { get; }

    /// <summary>How many optimization profiles the engine has, 1 or more.</summary>
    public int ProfileCount { get; }

    /// <summary>Inputs, then outputs, each in the engine's order.</summary>
    public ImmutableArray<TensorSpec> Tensors { get; }

    /// <summary>The inputs in the engine's order.</summary>
    public ImmutableArray<TensorSpec> Inputs { get; }

    /// <summary>The outputs in the engine's order.</summary>
    public ImmutableArray<TensorSpec> Outputs { get; }

    /// <summary>How many contexts have been made.</summary>
    public int ContextCount => pool.Count;

    /// <summary>Why the library made no more contexts though more were allowed and needed; null when that did not happen. Runs then wait for those that there are.</summary>
    public string? ContextLimit => pool.Limit;

    internal RunnerOptions Options { get; }

    /// <summary>Whether the library has refused a profile to a context because another has it.</summary>
    internal bool ProfilesAreExclusive { get; set; }

    internal ProfileTable Profiles { get; }

    /// <summary>Loads an engine from a plan file, as <see cref="EngineFile"/> does, and makes a runner that owns it.</summary>
    /// <param name="planFile">The plan; the JSON beside it, if there is one, is compared with plan, library and GPU.</param>
    /// <param name="library">The library; null: what <see cref="TensorRt.Load(TensorRtOptions?)"/> finds.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="EngineFileException">The plan is not for this library or GPU; the message says for which, and what to do.</exception>
    /// <exception cref="TensorRtException">The library does not take the plan; the message has its reason.</exception>
    /// <exception cref="TensorRtNotFoundException">No library was found.</exception>
    public static InferenceRunner Load(string planFile, TensorRtLibrary? library = null, RunnerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(planFile);
        options ??= new RunnerOptions();
        return Own(EngineFile.Load(planFile, library ?? TensorRt.Load(), options.Logger, options.Load), options with { Name = options.Name ?? Path.GetFileName(planFile) });
    }

    /// <summary>Loads an engine from a plan and makes a runner that owns it.</summary>
    /// <param name="plan">The plan; needed during the call only.</param>
    /// <param name="library">The library; null: what <see cref="TensorRt.Load(TensorRtOptions?)"/> finds.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="TensorRtException">The library does not take the plan; the message has its reason.</exception>
    /// <exception cref="TensorRtNotFoundException">No library was found.</exception>
    public static unsafe InferenceRunner Load(ReadOnlySpan<byte> plan, TensorRtLibrary? library = null, RunnerOptions? options = null)
    {
        options ??= new RunnerOptions();
        library ??= TensorRt.Load();
        ICudaEngine engine;
        try
        {
            fixed (byte* start = plan)
            {
                engine = EngineLoader.Load(library, options.Logger ?? EngineBuilder.DefaultLogger, options.Load ?? new EngineLoadOptions(), (nint)start, plan.Length);
            }
        }
        catch (TensorRtException error)
        {
            // Libraries name neither the release that built a plan nor a way out.
            string fit = PlanHead.Read(plan).FitFor(library).Text;
            if (fit.Length == 0)
            {
                throw;
            }

            throw new TensorRtException($"{fit} {library} said: {error.Message}", error);
        }

        return Own(engine, options);
    }

    /// <summary>Takes a context for one or more runs, waiting for one when all are in use: a thread that has them all itself waits for ever. Disposing it gives it back.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ObjectDisposedException">The runner was disposed, perhaps while this waited.</exception>
    /// <exception cref="TensorRtException">The library cannot make even one execution context; the message has its reason.</exception>
    public InferenceContext Rent(CancellationToken cancellationToken = default) => pool.Rent(cancellationToken);

    /// <summary>Takes a context if one is free or can be made, without waiting. Disposing it gives it back.</summary>
    /// <param name="context">The context; null when all are in use, of which there may be fewer than <see cref="RunnerOptions.MaxContexts"/> (<see cref="ContextLimit"/> says why).</param>
    /// <exception cref="ObjectDisposedException">The runner was disposed.</exception>
    /// <exception cref="TensorRtException">The library cannot make even one execution context; the message has its reason.</exception>
    public bool TryRent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out InferenceContext? context) => (context = pool.TryRent()) is not null;

    /// <summary>Takes a context for one or more runs, without keeping a thread waiting when all are in use. Disposing it gives it back.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ObjectDisposedException">The runner was disposed, perhaps while this waited.</exception>
    /// <exception cref="TensorRtException">The library cannot make even one execution context; the message has its reason.</exception>
    public ValueTask<InferenceContext> RentAsync(CancellationToken cancellationToken = default) => pool.RentAsync(cancellationToken);

    /// <summary>Runs an engine of one input and one output.</summary>
    /// <typeparam name="TIn">The input's element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <typeparam name="TOut">The output's element type.</typeparam>
    /// <param name="input">All elements, last axis fastest; where the engine leaves one extent open, usually the batch, it follows from their number.</param>
    /// <param name="output">Room for the output; what is beyond stays as it is.</param>
    /// <returns>The output's shape.</returns>
    /// <exception cref="ArgumentException">Wrong type, number of elements or shape, too little room, or an engine of more inputs or outputs.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public Dims Run<TIn, TOut>(ReadOnlySpan<TIn> input, Span<TOut> output)
        where TIn : unmanaged
        where TOut : unmanaged => Run(input, null, output);

    /// <summary>Runs an engine of one input and one output.</summary>
    /// <typeparam name="TIn">The input's element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <typeparam name="TOut">The output's element type.</typeparam>
    /// <param name="input">All elements, last axis fastest.</param>
    /// <param name="shape">The input's shape; null: the engine's, or what follows from the number of elements.</param>
    /// <param name="output">Room for the output; what is beyond stays as it is.</param>
    /// <returns>The output's shape.</returns>
    /// <exception cref="ArgumentException">Wrong type, number of elements or shape, too little room, or an engine of more inputs or outputs.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public Dims Run<TIn, TOut>(ReadOnlySpan<TIn> input, Dims? shape, Span<TOut> output)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        CheckSingle();
        using InferenceContext context = Rent();
        InferenceTensor result = context.Outputs[0];
        if (shape is { } given)
        {
            context.Inputs[0].CopyFrom(input, given);
        }
        else
        {
            context.Inputs[0].CopyFrom(input);
        }

        context.InferShapes();
        result.CheckRoom<TOut>(output.Length);
        context.Run();
        result.CopyTo(output);
        return result.Shape;
    }

    /// <summary>Runs with named inputs and outputs. Outputs that are not named are computed and dropped.</summary>
    /// <param name="inputs">Each input once.</param>
    /// <param name="outputs">Memory for outputs.</param>
    /// <param name="stream">A stream behind whose work the run comes; null: one of the runner's own. The run is done when the method returns.</param>
    /// <exception cref="ArgumentException">A wrong name, type, shape or number of elements, or too little room.</exception>
    /// <exception cref="InvalidOperationException">An input is missing.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public void Run(ReadOnlySpan<TensorBinding> inputs, ReadOnlySpan<TensorBinding> outputs, CudaStream? stream = null)
    {
        using InferenceContext context = Rent();
        Feed(context, inputs, outputs);
        context.Run(stream);
        Take(context, outputs);
    }

    /// <summary>Runs with named inputs and copies all outputs.</summary>
    /// <param name="inputs">Each input once.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ArgumentException">A wrong name, type, shape or number of elements.</exception>
    /// <exception cref="InvalidOperationException">An input is missing.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public IReadOnlyDictionary<string, InferenceResult> Run(params ReadOnlySpan<TensorBinding> inputs)
    {
        using InferenceContext context = Rent();
        Feed(context, inputs, []);
        context.Run();
        return Results(context);
    }

    /// <summary>Runs an engine of one input and one output without keeping a thread waiting.</summary>
    /// <typeparam name="TIn">The input's element type, see <see cref="InferenceTensor.AsSpan"/>.</typeparam>
    /// <typeparam name="TOut">The output's element type.</typeparam>
    /// <param name="input">All elements, last axis fastest; copied at once when a context is free.</param>
    /// <param name="output">Room for the output, filled before the task is done.</param>
    /// <param name="shape">The input's shape; null: the engine's, or what follows from the number of elements.</param>
    /// <param name="cancellationToken">Ends the waiting for a context; a run that has begun is waited for, and its output is then dropped.</param>
    /// <returns>The output's shape.</returns>
    /// <exception cref="ArgumentException">Wrong type, number of elements or shape, too little room, or an engine of more inputs or outputs.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Dims> RunAsync<TIn, TOut>(ReadOnlyMemory<TIn> input, Memory<TOut> output, Dims? shape = null, CancellationToken cancellationToken = default)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        CheckSingle();
        using InferenceContext context = await RentAsync(cancellationToken).ConfigureAwait(false);
        InferenceTensor result = context.Outputs[0];
        if (shape is { } given)
        {
            context.Inputs[0].CopyFrom(input.Span, given);
        }
        else
        {
            context.Inputs[0].CopyFrom(input.Span);
        }

        context.InferShapes();
        result.CheckRoom<TOut>(output.Length);
        await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
        result.CopyTo(output.Span);
        return result.Shape;
    }

    /// <summary>Runs with named inputs and outputs without keeping a thread waiting. Outputs that are not named are computed and dropped.</summary>
    /// <param name="inputs">Each input once.</param>
    /// <param name="outputs">Memory for outputs, filled before the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context; a run that has begun is waited for, and its outputs are then dropped.</param>
    /// <returns>Done when the run is and the outputs are copied.</returns>
    /// <exception cref="ArgumentException">A wrong name, type, shape or number of elements, or too little room.</exception>
    /// <exception cref="InvalidOperationException">An input is missing.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RunAsync(ReadOnlyMemory<TensorBinding> inputs, ReadOnlyMemory<TensorBinding> outputs, CancellationToken cancellationToken = default)
    {
        using InferenceContext context = await RentAsync(cancellationToken).ConfigureAwait(false);
        Feed(context, inputs.Span, outputs.Span);
        await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
        Take(context, outputs.Span);
    }

    /// <summary>Runs with named inputs, without keeping a thread waiting, and copies all outputs.</summary>
    /// <param name="inputs">Each input once.</param>
    /// <param name="cancellationToken">Ends the waiting for a context; a run that has begun is waited for, and its outputs are then dropped.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="ArgumentException">A wrong name, type, shape or number of elements.</exception>
    /// <exception cref="InvalidOperationException">An input is missing.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public async ValueTask<IReadOnlyDictionary<string, InferenceResult>> RunAsync(ReadOnlyMemory<TensorBinding> inputs, CancellationToken cancellationToken = default)
    {
        using InferenceContext context = await RentAsync(cancellationToken).ConfigureAwait(false);
        Feed(context, inputs.Span, []);
        await context.RunAsync(null, cancellationToken).ConfigureAwait(false);
        return Results(context);
    }

    /// <summary>Frees the contexts, and the engine if <see cref="Load(string, TensorRtLibrary?, RunnerOptions?)"/> made it. Contexts that are rented go when they are given back; who waits for one gets <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        pool.Dispose();
        if (timer.IsValueCreated)
        {
            timer.Value.Dispose();
        }

        owned?.Dispose();
    }

    /// <summary>The engine's name, with its inputs and outputs.</summary>
    public override string ToString() => $"{Name}: {string.Join(", ", Inputs)} → {string.Join(", ", Outputs)}";

    /// <summary>Whether execution contexts say beforehand whether their runs can be recorded.</summary>
    internal bool TellsWhetherCapturable { get; }

    internal int IndexOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return indexes.TryGetValue(name, out int index) ? index : throw new ArgumentException(
            $"{Name} has no input or output \"{name}\": its inputs are {string.Join(", ", Inputs)}, its outputs {string.Join(", ", Outputs)}.", nameof(name));
    }

    internal void Return(InferenceContext context) => pool.Return(context);

    /// <summary>A run is awaited: from now on somebody looks whether its stream has failed.</summary>
    internal void Watch()
    {
        if (Interlocked.Increment(ref awaited) == 1)
        {
            SetTimer(WatchMilliseconds);
        }
    }

    internal void Unwatch() => Interlocked.Decrement(ref awaited);

    private static InferenceRunner Own(ICudaEngine engine, RunnerOptions options)
    {
        try
        {
            return new InferenceRunner(engine, options, engine);
        }
        catch (Exception)
        {
            engine.Dispose();
            throw;
        }
    }

    private void CheckSingle()
    {
        if (Inputs.Length != 1 || Outputs.Length != 1)
        {
            throw new ArgumentException($"{Name} has {Inputs.Length} inputs ({string.Join(", ", Inputs)}) and {Outputs.Length} outputs ({string.Join(", ", Outputs)}): name them, with TensorBinding.Of.");
        }
    }

    private void Feed(InferenceContext context, ReadOnlySpan<TensorBinding> inputs, ReadOnlySpan<TensorBinding> outputs)
    {
        foreach (ref readonly TensorBinding binding in inputs)
        {
            binding.Feed(Find(context, binding, isInput: true));
        }

        bool isKnown = false;
        foreach (ref readonly TensorBinding binding in outputs)
        {
            InferenceTensor output = Find(context, binding, isInput: false);
            if (!isKnown)
            {
                // So that too little room is told before the run.
                context.InferShapes();
                isKnown = true;
            }

            binding.Offer(output);
        }
    }

    private static void Take(InferenceContext context, ReadOnlySpan<TensorBinding> outputs)
    {
        foreach (ref readonly TensorBinding binding in outputs)
        {
            binding.Take(context[binding.Name]);
        }
    }

    private static Dictionary<string, InferenceResult> Results(InferenceContext context) =>
        context.Outputs.ToDictionary(output => output.Name, output => new InferenceResult(output), StringComparer.Ordinal);

    private InferenceTensor Find(InferenceContext context, in TensorBinding binding, bool isInput)
    {
        InferenceTensor tensor = context[binding.Name ?? throw new ArgumentException("A binding was made without TensorBinding.Of and names no tensor.")];
        return tensor.Spec.IsInput == isInput ? tensor : throw new ArgumentException(
            $"\"{binding.Name}\" is an {tensor.Spec.Kind} of {Name}, but was given among the {(isInput ? "inputs" : "outputs")}.");
    }

    /// <summary>A stream that failed calls nobody back.</summary>
    private void LookAfterAwaited()
    {
        if (Volatile.Read(ref awaited) > 0)
        {
            pool.ForEach(static context => context.EndIfFailed());
            return;
        }

        SetTimer(Timeout.Infinite);
        if (Volatile.Read(ref awaited) > 0)
        {
            SetTimer(WatchMilliseconds);
        }
    }

    private void SetTimer(int milliseconds)
    {
        try
        {
            timer.Value.Change(milliseconds, milliseconds);
        }
        catch (ObjectDisposedException)
        {
            // The runner was disposed meanwhile.
        }
    }
}

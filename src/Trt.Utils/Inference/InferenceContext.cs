using System.Collections.Immutable;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>One run at a time of an engine: its tensors, its stream and its execution context. Rented from an <see cref="InferenceRunner"/>; disposing gives it back.</summary>
/// <remarks>
/// <code>
/// using InferenceContext context = runner.Rent();
/// context["data"].CopyFrom&lt;float&gt;(pixels);
/// context.Run();
/// context["prob"].CopyTo&lt;float&gt;(probabilities);
/// </code>
/// To be used by one thread at a time: a second one that runs it meanwhile is told so. When it was given back, its bindings are gone and it must not be used any more. Runs that repeat shapes and addresses allocate nothing.
/// </remarks>
public sealed class InferenceContext : IDisposable
{
    private readonly InferenceTensor[] tensors;
    private readonly SlotTable slots;
    private readonly CudaStream own;
    private readonly bool hasHostInputs;
    private RunCompletion completion;
    private CudaEvent? done;
    private CudaStream? last;
    private int? profile;
    private int rented;
    private int active;
    private bool isAwaited;
    private bool isDirty = true;
    private bool isUnderWay;

    /// <exception cref="TensorRtException">The library makes no further execution context.</exception>
    internal InferenceContext(InferenceRunner runner)
    {
        Runner = runner;
        Device = runner.Device;
        profile = runner.Options.Profile;
        tensors = [.. runner.Tensors.Select(spec => new InferenceTensor(this, spec, runner.Outputs.Any(output => output.AliasedInput == spec.Name)))];
        hasHostInputs = runner.Tensors.Any(spec => spec is { IsInput: true, IsOnHost: true });
        completion = new RunCompletion(this);
        own = new CudaStream(Device);
        try
        {
            using DeviceScope scope = Enter();
            slots = new SlotTable(runner, tensors, own);
        }
        catch (Exception)
        {
            own.Dispose();
            throw;
        }

        Tensors = [.. tensors];
        Inputs = [.. tensors.Where(tensor => tensor.Spec.IsInput)];
        Outputs = [.. tensors.Where(tensor => !tensor.Spec.IsInput)];
    }

    /// <summary>Where it was rented.</summary>
    public InferenceRunner Runner { get; }

    /// <summary>Where its memory is.</summary>
    public Device Device { get; }

    /// <summary>The stream of runs that are given none.</summary>
    public CudaStream Stream => own;

    /// <summary>Inputs, then outputs, in the engine's order.</summary>
    public ImmutableArray<InferenceTensor> Tensors { get; }

    /// <summary>The inputs in the engine's order.</summary>
    public ImmutableArray<InferenceTensor> Inputs { get; }

    /// <summary>The outputs in the engine's order.</summary>
    public ImmutableArray<InferenceTensor> Outputs { get; }

    /// <summary>The optimization profile of the runs that follow; null chooses the one whose optimum is nearest to the shapes among those that allow them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The engine has no such profile.</exception>
    public int? Profile
    {
        get => profile;
        set
        {
            if (value is { } index)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(index);
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Runner.ProfileCount);
            }

            if (profile != value)
            {
                CheckIdle();
                profile = value;
                Invalidate();
            }
        }
    }

    /// <summary>The profile of the latest run.</summary>
    public int CurrentProfile => slots.Current.Profile;

    /// <summary>Whether the latest run was the launch of a graph.</summary>
    public bool WasGraph { get; private set; }

    /// <summary>Why runs are not recorded as graphs though <see cref="RunnerOptions.UseCudaGraphs"/> asks for it; null while they are.</summary>
    public string? GraphRefusal { get; private set; }

    /// <summary>TensorRT's own object behind the latest run, for what is not covered here. Shapes and addresses set on it by others are not noticed.</summary>
    public IExecutionContext ExecutionContext => slots.Current.Context;

    /// <summary>An input or output by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The engine has no such tensor; the message names those that it has.</exception>
    public InferenceTensor this[string name] => tensors[Runner.IndexOf(name)];

    /// <summary>Finds the outputs' shapes, and gives them their memory, without running. Values are needed only of shape tensors.</summary>
    /// <exception cref="ArgumentException">A shape is outside of the profile, or memory that was bound is too small.</exception>
    /// <exception cref="InvalidOperationException">The shape of an input is missing.</exception>
    public void InferShapes()
    {
        Begin();
        try
        {
            if (!NeedsPreparing)
            {
                return;
            }

            using DeviceScope scope = Enter();
            if (isUnderWay && last != own)
            {
                Follow(own);
            }

            if (Prepare(own))
            {
                last = own;
                isUnderWay = true;
            }
        }
        finally
        {
            Volatile.Write(ref active, 0);
        }
    }

    /// <summary>Runs, and waits until it is done.</summary>
    /// <param name="stream">The stream; null: the context's own. Work that the user has put there before comes first.</param>
    /// <exception cref="ArgumentException">A shape is outside of the profile (the message names tensor, shape, profile and range), or memory that was bound is too small.</exception>
    /// <exception cref="InvalidOperationException">An input has no values, or another run of this context is under way.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason. The context can be used further.</exception>
    public void Run(CudaStream? stream = null)
    {
        Begin();
        try
        {
            CudaStream on = stream ?? own;
            Start(on, stream);
            isUnderWay = false;
            on.Synchronize();
            Finish();
        }
        finally
        {
            Volatile.Write(ref active, 0);
        }
    }

    /// <summary>Enqueues a run and returns at once. Outputs can be read after <see cref="Synchronize"/>; reading them before waits.</summary>
    /// <param name="stream">The stream; null: the context's own. It may record a graph of the user's.</param>
    /// <exception cref="ArgumentException">A shape is outside of the profile (the message names tensor, shape, profile and range), or memory that was bound is too small.</exception>
    /// <exception cref="InvalidOperationException">An input has no values, or another thread is running this context.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason. The context can be used further.</exception>
    public void Enqueue(CudaStream? stream = null)
    {
        Begin();
        try
        {
            CudaStream on = stream ?? own;
            if (!Start(on, stream) && stream is not null)
            {
                on.Record(done ??= new CudaEvent(Device, EventFlags.DisableTiming));
            }
        }
        finally
        {
            Volatile.Write(ref active, 0);
        }
    }

    /// <summary>Waits for runs that were enqueued. Returns at once when there are none.</summary>
    /// <exception cref="CudaException">The device failed.</exception>
    public void Synchronize()
    {
        CheckIdle();
        Settle();
    }

    /// <summary>Runs without keeping a thread waiting: the end is told by a callback in the stream.</summary>
    /// <param name="stream">The stream; null: the context's own.</param>
    /// <param name="cancellationToken">Looked at before the run and after it: what a device has begun cannot be stopped, and its memory is free only when it is done.</param>
    /// <returns>Done when the run is; to be awaited once, before the context is used again. Allocates nothing.</returns>
    /// <exception cref="ArgumentException">A shape is outside of the profile (the message names tensor, shape, profile and range), or memory that was bound is too small.</exception>
    /// <exception cref="InvalidOperationException">An input has no values, or another run of this context is under way.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason. The context can be used further.</exception>
    public ValueTask RunAsync(CudaStream? stream = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin();
        bool began = false;
        try
        {
            CudaStream on = stream ?? own;
            Start(on, stream);
            ValueTask task = completion.Begin(on, cancellationToken);
            isAwaited = true;
            began = true;
            Runner.Watch();
            return task;
        }
        finally
        {
            if (!began)
            {
                Volatile.Write(ref active, 0);
            }
        }
    }

    /// <summary>Drops recorded graphs: after anything that a recording cannot notice. They are recorded anew when their runs come again.</summary>
    public void ClearGraphs()
    {
        CheckIdle();
        Settle();
        slots.ClearGraphs();
        GraphRefusal = null;
    }

    /// <summary>Gives the context back to its runner; runs under way are waited for.</summary>
    /// <exception cref="InvalidOperationException">Another thread is running it.</exception>
    public void Dispose()
    {
        if (Volatile.Read(ref rented) == 0)
        {
            return;
        }

        if (isAwaited)
        {
            // Nobody took the result: what still comes of the run finds another completion here.
            completion = new RunCompletion(this);
            EndAwaiting();
        }

        CheckIdle();
        if (Interlocked.Exchange(ref rented, 0) == 0)
        {
            return;
        }

        try
        {
            Wait();
        }
        catch (Exception error) when (error is CudaException or TensorRtException)
        {
            // Of a run whose results nobody wanted.
        }

        Reset();
        Runner.Return(this);
    }

    /// <summary>Lets somebody use it.</summary>
    internal void Rent() => Volatile.Write(ref rented, 1);

    /// <summary>Something that runs depend on has changed.</summary>
    internal void Invalidate() => isDirty = true;

    /// <exception cref="InvalidOperationException">A run is under way in another thread, or awaited.</exception>
    internal void CheckIdle()
    {
        if (Volatile.Read(ref active) != 0 || Volatile.Read(ref rented) == 0)
        {
            ThrowNotIdle();
        }
    }

    /// <summary>Waits for what was enqueued, so that the host can use the memory.</summary>
    internal void Settle()
    {
        CheckIdle();
        Wait();
    }

    /// <summary>The awaited run has ended and its result is taken.</summary>
    internal void EndAsync(RunCompletion ended)
    {
        if (ended == completion)
        {
            isUnderWay = false;
            Finish();
            EndAwaiting();
        }
    }

    /// <summary>Tells the one who awaits that the stream has failed, if it has.</summary>
    internal void EndIfFailed() => completion.EndIfFailed();

    /// <summary>Frees everything.</summary>
    internal void Free()
    {
        using DeviceScope scope = Enter();
        slots.Dispose();
        foreach (InferenceTensor tensor in tensors)
        {
            tensor.Free();
        }

        done?.Dispose();
        own.Dispose();
    }

    private void Reset()
    {
        foreach (InferenceTensor tensor in tensors)
        {
            tensor.Reset();
        }

        if (profile != Runner.Options.Profile)
        {
            profile = Runner.Options.Profile;
            Invalidate();
        }
    }

    private void EndAwaiting()
    {
        isAwaited = false;
        Runner.Unwatch();
        Volatile.Write(ref active, 0);
    }

    private void Wait()
    {
        if (isUnderWay)
        {
            isUnderWay = false;
            if (last == own)
            {
                own.Synchronize();
            }
            else
            {
                done!.Synchronize();
            }

            Finish();
        }
    }

    private bool NeedsPreparing => isDirty || (hasHostInputs && slots.Current.HasOtherValues());

    private DeviceScope Enter() => Device.IsHost ? default : Device.Use();

    private void Begin()
    {
        if (Volatile.Read(ref rented) == 0 || Interlocked.Exchange(ref active, 1) != 0)
        {
            ThrowNotIdle();
        }
    }

    /// <summary>Enqueues a run.</summary>
    /// <returns>Whether the user's stream records it instead of running it.</returns>
    private bool Start(CudaStream on, CudaStream? users)
    {
        if (on.Device != Device)
        {
            throw new ArgumentException($"The runner is on {Device}, but the stream is of {on.Device}: use a stream of the runner's device.", nameof(users));
        }

        using DeviceScope scope = Enter();
        if (isUnderWay && last != on)
        {
            Follow(on);
        }

        foreach (InferenceTensor input in Inputs.AsSpan())
        {
            if (!input.HasValues)
            {
                throw new InvalidOperationException($"Input \"{input.Name}\" has no values yet: use CopyFrom, AsSpan or Bind.");
            }
        }

        if (NeedsPreparing)
        {
            Prepare(on);
        }
        else
        {
            foreach (InferenceTensor tensor in tensors)
            {
                tensor.Bound.CheckAlive(tensor.Spec);
            }
        }

        bool isRecording = users is not null && users.IsCapturing;
        if (Runner.Options.UseCudaGraphs && GraphRefusal is null && !isRecording && CanLaunch())
        {
            slots.Current.Launch(on);
            WasGraph = true;
        }
        else
        {
            slots.Current.Enqueue(on);
            WasGraph = false;
        }

        last = on;
        isUnderWay = !isRecording;
        return isRecording;
    }

    /// <returns>Whether work was put into the stream.</returns>
    private bool Prepare(CudaStream on)
    {
        isDirty = true; // stays so when something fails half way
        foreach (InferenceTensor input in Inputs.AsSpan())
        {
            if (!input.CurrentShape.IsStatic)
            {
                throw new InvalidOperationException($"Input \"{input.Name}\" has shape {ShapeText.Of(input.CurrentShape)}: set its Shape, or give it values.");
            }
        }

        int chosen = Runner.Profiles.Choose(Inputs.AsSpan(), profile, Runner.ProfilesAreExclusive && Runner.ContextCount > 1 ? slots.Current.Profile : -1);
        bool hasWork = slots.Choose(chosen).Apply(chosen, on);
        isDirty = false;
        return hasWork;
    }

    private bool CanLaunch()
    {
        if (!slots.Current.HasGraph && Runner.TellsWhetherCapturable && !slots.Current.Context.IsStreamCapturable(own))
        {
            GraphRefusal = "the library says that this engine's runs cannot be recorded";
        }
        else if (slots.Current.TryRecord(own, out string? refusal))
        {
            return true;
        }
        else
        {
            GraphRefusal = refusal;
        }

        if (GraphRefusal is not null)
        {
            slots.Limit();
        }

        return false;
    }

    /// <summary>Lets the stream wait for the run that another one still has: a context has one run at a time.</summary>
    private void Follow(CudaStream on)
    {
        if (last == own)
        {
            own.Record(done ??= new CudaEvent(Device, EventFlags.DisableTiming));
        }

        on.Wait(done!);
    }

    private void Finish()
    {
        foreach (InferenceTensor output in Outputs.AsSpan())
        {
            output.Finished();
        }
    }

    private void ThrowNotIdle()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref rented) == 0, this);
        throw new InvalidOperationException("A run of this context is under way in another thread, or was not awaited yet. Rent another context for runs side by side.");
    }
}

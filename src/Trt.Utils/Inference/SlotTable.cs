using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The execution contexts of one <see cref="InferenceContext"/>: one, or with graphs one for each combination of shapes and addresses, up to a limit.</summary>
internal sealed class SlotTable : IDisposable
{
    private readonly InferenceRunner runner;
    private readonly InferenceTensor[] tensors;
    private readonly CudaStream stream;
    private readonly List<ExecutionSlot> slots = [];
    private int limit;
    private long uses;

    /// <exception cref="TensorRtException">The library makes no further execution context.</exception>
    public SlotTable(InferenceRunner runner, InferenceTensor[] tensors, CudaStream stream)
    {
        this.runner = runner;
        this.tensors = tensors;
        this.stream = stream;
        limit = runner.Options.UseCudaGraphs ? Math.Max(runner.Options.MaxGraphs, 1) : 1;
        Current = Add();
    }

    /// <summary>The one that the latest run used.</summary>
    public ExecutionSlot Current { get; private set; }

    /// <summary>Makes the one current that fits best for a run with this profile and the tensors as they are now: one set for it, else a new one, else the one not used for longest.</summary>
    public ExecutionSlot Choose(int profile)
    {
        if (Current.IsDataDependent)
        {
            Limit(); // whose runs are never recorded
        }

        if (limit > 1)
        {
            Current = Find(profile) ?? (slots.Count < limit && Current.LastUse > 0 ? TryAdd() : null) ?? Oldest();
        }

        Current.LastUse = ++uses;
        return Current;
    }

    /// <summary>Graphs are not possible: one execution context is enough from now on.</summary>
    public void Limit() => limit = 1;

    /// <summary>Drops all graphs; they are recorded again when their runs come again.</summary>
    public void ClearGraphs() => slots.ForEach(slot => slot.Change());

    public void Dispose()
    {
        slots.ForEach(slot => slot.Dispose());
        slots.Clear();
    }

    private ExecutionSlot? Find(int profile)
    {
        foreach (ExecutionSlot slot in slots)
        {
            if (slot.IsFor(profile))
            {
                return slot;
            }
        }

        return null;
    }

    private ExecutionSlot Oldest()
    {
        ExecutionSlot oldest = slots[0];
        foreach (ExecutionSlot slot in slots)
        {
            oldest = slot.LastUse < oldest.LastUse ? slot : oldest;
        }

        return oldest;
    }

    private ExecutionSlot? TryAdd()
    {
        try
        {
            return Add();
        }
        catch (TensorRtException)
        {
            // No memory for another, or no profile: what there is must do.
            limit = slots.Count;
            return null;
        }
    }

    private ExecutionSlot Add()
    {
        // Releases before 10 know no strategies, and no others than the usual one.
        IExecutionContext context = runner.Options.AllocationStrategy == ExecutionContextAllocationStrategy.Static
            ? runner.Engine.CreateExecutionContext()
            : runner.Engine.CreateExecutionContext(runner.Options.AllocationStrategy);
        try
        {
            if (context.OptimizationProfile < 0)
            {
                TakeProfile(context);
            }

            runner.Options.ConfigureContext?.Invoke(context);
            ExecutionSlot slot = new(context, tensors, runner.Device, runner.Options.AllocationStrategy == ExecutionContextAllocationStrategy.UserManaged);
            slots.Add(slot);
            return slot;
        }
        catch (Exception)
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Releases before 10 give a further context no profile, and most of their engines let a profile serve one context only. Such an engine runs side by side only with profiles that are alike: with others a
    /// run would have to wait for the one context that has its profile.
    /// </summary>
    private void TakeProfile(IExecutionContext context)
    {
        if (slots.Count > 0)
        {
            throw new TensorRtException("This release gives a further execution context no profile.");
        }

        for (int profile = runner.Options.Profile ?? 0; ; profile++)
        {
            try
            {
                using LogSilence silence = LogSilence.Begin(); // what the library says is in the exception
                context.SetOptimizationProfileAsync(profile, stream);
                stream.Synchronize();
                return;
            }
            catch (TensorRtException error)
            {
                runner.ProfilesAreExclusive = true;
                if (runner.Options.Profile is not null || profile + 1 >= runner.ProfileCount || !runner.Profiles.AreAlike(runner.Inputs))
                {
                    throw new TensorRtException($"{error.Message} Runs side by side need as many profiles of the same range as contexts: build the engine with these, or with TensorRT 10 or later.", error);
                }
            }
        }
    }
}

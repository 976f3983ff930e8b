using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>The contexts of a runner: made when they are needed, up to a limit, and used again.</summary>
internal sealed class ContextPool(InferenceRunner runner, int most) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Lock making = new();
    private readonly SemaphoreSlim permits = new(most);
    private readonly List<InferenceContext> all = [];
    private readonly InferenceContext?[] free = new InferenceContext?[most];
    private int freeCount;
    private bool isDisposed;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return all.Count;
            }
        }
    }

    /// <summary>Why there are no more than there are, or null.</summary>
    public string? Limit { get; private set; }

    public InferenceContext Rent(CancellationToken cancellationToken)
    {
        while (true)
        {
            permits.Wait(cancellationToken);
            if (TryTake() is { } context)
            {
                return context;
            }
        }
    }

    public InferenceContext? TryRent() => permits.Wait(0, CancellationToken.None) ? TryTake() : null;

    public ValueTask<InferenceContext> RentAsync(CancellationToken cancellationToken) =>
        permits.Wait(0, CancellationToken.None) && TryTake() is { } context ? new ValueTask<InferenceContext>(context) : WaitAsync(cancellationToken);

    public void Return(InferenceContext context)
    {
        lock (gate)
        {
            if (!isDisposed)
            {
                free[freeCount++] = context;
                context = null!;
            }
        }

        context?.Free();
        permits.Release();
    }

    /// <summary>Goes through all contexts, rented ones too.</summary>
    public void ForEach(Action<InferenceContext> action)
    {
        InferenceContext[] now;
        lock (gate)
        {
            now = [.. all];
        }

        Array.ForEach(now, action);
    }

    /// <summary>Frees the contexts that nobody uses; the others go when they are given back. Who waits for one is told.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
        }

        while (freeCount > 0)
        {
            free[--freeCount]!.Free();
        }

        permits.Release();
    }

    private async ValueTask<InferenceContext> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await permits.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (TryTake() is { } context)
            {
                return context;
            }
        }
    }

    /// <summary>A context for a permit. Null: the library makes no more, the permit is used up, and one of the others has to be waited for.</summary>
    private InferenceContext? TryTake()
    {
        InferenceContext? found = TryTakeFree();
        if (found is not null || Limit is not null)
        {
            return found;
        }

        // One after another: when the library makes no more, it is asked only once.
        lock (making)
        {
            return Limit is null ? TryMake() : null;
        }
    }

    private InferenceContext? TryTakeFree()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                permits.Release(); // for the next who waits
                ObjectDisposedException.ThrowIf(true, runner);
            }

            if (freeCount == 0)
            {
                return null;
            }

            InferenceContext found = free[--freeCount]!;
            free[freeCount] = null;
            found.Rent();
            return found;
        }
    }

    private InferenceContext? TryMake()
    {
        try
        {
            InferenceContext made = new(runner);
            lock (gate)
            {
                all.Add(made);
            }

            made.Rent();
            return made;
        }
        catch (Exception error) when (error is TensorRtException or CudaException && Count > 0)
        {
            Limit = error.Message;
            return null;
        }
        catch (Exception)
        {
            permits.Release();
            throw;
        }
    }
}

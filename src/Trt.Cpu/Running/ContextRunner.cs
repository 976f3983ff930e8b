using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The part of a context that runs still use after it was disposed: binding, lock, and the store of requests.</summary>
internal sealed class ContextRunner
{
    private readonly Lock runGate = new();
    private readonly Lock storeGate = new();
    private readonly Stack<RunRequest> store = new(8);
    private readonly OrtBinding binding;
    private readonly NativeBlob nowhere = new(NativeBlob.Alignment);
    private readonly Journal journal;
    private readonly ContextPlugins? plugins;
    private int pending = 1;

    public ContextRunner(EngineCore core, Journal journal, ContextPlugins? plugins)
    {
        Core = core;
        this.journal = journal;
        this.plugins = plugins;
        core.Hold();
        binding = core.Session.CreateBinding();
    }

    public EngineCore Core { get; }

    /// <summary>An address for tensors without elements.</summary>
    public nint Nowhere => nowhere.Address;

    /// <summary>A request to fill in and run; must be run or given back.</summary>
    public RunRequest Take()
    {
        Interlocked.Increment(ref pending);
        RunRequest? request;
        lock (storeGate)
        {
            store.TryPop(out request);
        }

        return request ?? new RunRequest(this);
    }

    public void GiveBack(RunRequest request)
    {
        request.Watch = null;
        lock (storeGate)
        {
            store.Push(request);
        }

        LetGo();
    }

    public void Run(RunRequest request)
    {
        lock (runGate)
        {
            WeightSet? weights = Core.HoldWeights();
            OrtBinding target = request.Watch?.Binding ?? binding;
            try
            {
                target.State = plugins;
                request.Bind(target);
                Bind(target, weights);
                target.Run();
                if (Core.HasDataDependent)
                {
                    request.Deliver(target);
                }
            }
            catch (Refusal refusal)
            {
                throw journal.Failure("IExecutionContext::enqueueV3", refusal);
            }
            catch (OrtException error)
            {
                throw journal.Failure("IExecutionContext::enqueueV3", error.InnerException as Refusal ?? new Refusal(ErrorCode.FailedExecution, Refusal.InternalError, error.Message));
            }
            finally
            {
                weights?.LetGo();
            }
        }
    }

    private void Bind(OrtBinding target, WeightSet? weights)
    {
        if (weights is null)
        {
            return;
        }

        for (int i = 0; i < Core.Exchangeable.Length; i++)
        {
            EngineWeights entry = Core.Exchangeable[i];
            if (weights[i] == 0)
            {
                throw journal.Failure("IExecutionContext::enqueueV3", new Refusal(ErrorCode.FailedExecution, Refusal.InternalError,
                    $"Weights {entry.Plan.Label()} are not there: the plan was written without them, and the refit that was to bring them has not run."));
            }

            target.BindInput(Core.InputCount + i, weights[i], entry.Bytes, entry.OrtType, entry.Plan.Dims);
        }
    }

    /// <summary>The context, or a request, needs it no more.</summary>
    public void LetGo()
    {
        if (Interlocked.Decrement(ref pending) == 0)
        {
            binding.Dispose();
            nowhere.Dispose();
            plugins?.Dispose();
            Core.LetGo();
        }
    }
}

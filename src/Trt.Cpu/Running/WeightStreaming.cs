using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Budgets of weight streaming, kept as a program sets them. All weights of a CPU engine lie in host memory, where nothing is streamed.</summary>
internal sealed class WeightStreaming(bool enabled, long streamable, long largest)
{
    private long budget = -2;
    private long oldBudget;

    public long Streamable { get; } = enabled ? streamable : 0;

    /// <summary>The budget; all streamable weights where none was set.</summary>
    public long Budget => budget < 0 ? Streamable : budget;

    /// <summary>The budget of the older methods: 0 for no streaming, −1 for any.</summary>
    public long OldBudget => oldBudget;

    public long Minimum => enabled ? largest : 0;

    public long Scratch => Budget < Streamable ? largest : 0;

    /// <exception cref="Refusal">There is no such budget.</exception>
    public void Set(long value, int contexts)
    {
        Check(contexts);
        budget = value >= 0 ? value : throw Refusal.Argument($"Parameter check failed, condition: gpuMemoryBudget >= 0. It is {value}.");
    }

    /// <exception cref="Refusal">There is no such budget.</exception>
    public void SetOld(long value, int contexts)
    {
        Check(contexts);
        oldBudget = value is -1 or 0 || value >= Minimum
            ? value
            : throw Refusal.Argument($"Parameter check failed, condition: gpuMemoryBudget is -1, 0, or at least {Minimum}. It is {value}.");
    }

    private void Check(int contexts)
    {
        if (!enabled)
        {
            throw Refusal.Api("The engine was not built with kWEIGHT_STREAMING.");
        }

        if (contexts > 0)
        {
            throw Refusal.Api($"The budget cannot be changed while the engine has execution contexts; it has {contexts}.");
        }
    }
}

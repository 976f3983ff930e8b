using Trt.Interop;

namespace Trt.Cpu;

/// <summary>One refit: copies of the new weights, then the exchange.</summary>
internal sealed class RefitWork
{
    private readonly EngineCore core;
    private readonly List<(int Index, NativeBlob Memory)> copies = [];
    private readonly List<(int Index, Weights Weights)> later = [];

    /// <summary>Copies what lies in host memory, which the caller may change from now on, and notes the rest.</summary>
    /// <param name="core">The engine.</param>
    /// <param name="given">New weights by their number in the engine.</param>
    /// <param name="copiesNow">Whether "device" memory is read now too, and not when the work's turn in its stream has come.</param>
    public RefitWork(EngineCore core, IReadOnlyDictionary<int, (Weights Weights, TensorLocation Location)> given, bool copiesNow)
    {
        this.core = core;
        core.Hold();
        foreach ((int index, (Weights weights, TensorLocation location)) in given)
        {
            if (copiesNow || location == TensorLocation.Host)
            {
                Copy(index, weights);
            }
            else
            {
                later.Add((index, weights));
            }
        }
    }

    // A stream that failed, or was disposed, drops its work.
    ~RefitWork() => core.LetGo();

    /// <summary>Exchanges the weights; called once.</summary>
    public void Run()
    {
        foreach ((int index, Weights weights) in later)
        {
            Copy(index, weights);
        }

        if (copies.Count > 0)
        {
            core.Exchange(copies);
        }

        copies.ForEach(copy => copy.Memory.Dispose());
        GC.SuppressFinalize(this);
        core.LetGo();
    }

    private void Copy(int index, Weights weights)
    {
        copies.Add((index, NativeBlob.Of(weights.Values, core.Exchangeable[index].Bytes)));
        GC.KeepAlive(weights.Owner);
    }
}

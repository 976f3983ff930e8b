using Trt.Interop;

namespace Trt.Cli.Commands;

/// <summary>Something that gives outputs for inputs.</summary>
internal abstract class ComparedRunner(string name, string description) : IDisposable
{
    /// <summary>What tables call it.</summary>
    public string Name { get; } = name;

    /// <summary>What it is, in a few words.</summary>
    public string Description { get; } = description;

    /// <summary>How long runs took, all together.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Runs.</summary>
    /// <param name="sample">The sample's number, from 0.</param>
    /// <param name="inputs">Inputs by name.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Outputs by name.</returns>
    public IReadOnlyDictionary<string, OnnxTensor> Run(int sample, IReadOnlyDictionary<string, OnnxTensor> inputs, CancellationToken cancellation)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        IReadOnlyDictionary<string, OnnxTensor> outputs = Compute(sample, inputs, cancellation);
        Time += System.Diagnostics.Stopwatch.GetElapsedTime(start);
        return outputs;
    }

    public abstract void Dispose();

    protected abstract IReadOnlyDictionary<string, OnnxTensor> Compute(int sample, IReadOnlyDictionary<string, OnnxTensor> inputs, CancellationToken cancellation);
}

namespace Trt.Lite;

/// <summary>The results of a call for one output, in the form in which the inputs were given.</summary>
public sealed class Output
{
    private readonly OutputCollector collector;

    internal Output(OutputCollector collector) => this.collector = collector;

    /// <summary>The output's name; of a post-processor for several outputs the name that it was registered under.</summary>
    public string Name => collector.Name;

    /// <summary>The results as what is asked for.</summary>
    /// <typeparam name="TResult">
    /// What the post-processor makes, or the values as a number, an array of any rank, a <see cref="System.Numerics.Tensors.Tensor{T}"/>; for a batch, and for lists, an array or list of these. Values are converted to
    /// another element type where nothing is lost.
    /// </typeparam>
    /// <exception cref="InvalidCastException">They are something else; the message says what.</exception>
    public TResult To<TResult>() => collector.Get<TResult>();

    /// <summary>Name and kind of the results.</summary>
    public override string ToString() => $"{Name}: {collector.Describe()}";
}

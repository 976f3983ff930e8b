using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Finds the smallest part of a model of which something is still true: that a build fails, that two runtimes disagree, that it differs from another model.</summary>
/// <remarks>
/// <para>
/// First the outputs are moved towards the inputs, then the inputs towards the outputs, by bisection; then nodes are left out one by one, until none can be. What a part reads from what
/// was cut off has the values that the whole model has there: as inputs, or as constants where it follows from constants alone or consists of a few integers or truth values, which often
/// decide shapes. So every part computes what it computed in the whole.
/// </para>
/// <para>Every part is asked about, so that the result is right also where a bisection's assumption, that whatever holds a failing part fails, is wrong; it may then be larger than need be.</para>
/// </remarks>
public sealed class OnnxReducer : IDisposable
{
    private const int MostFrozen = 4096;

    private readonly OnnxModel model;
    private readonly OnnxModel? against;
    private readonly ReductionGraph graph;
    private readonly TensorValues? values;

    /// <summary>Prepares a reduction.</summary>
    /// <param name="model">The model; it is only read, and must stay open.</param>
    /// <param name="inputs">Values of its inputs; null where nothing is to be run, so that no part has values.</param>
    /// <param name="against">A model with tensors of the same names, which is cut alike; null for none. It is only read, and must stay open.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run the model on these inputs; the message holds its words.</exception>
    /// <exception cref="OnnxFormatException">The graph is not valid.</exception>
    public OnnxReducer(OnnxModel model, IReadOnlyDictionary<string, OnnxTensor>? inputs = null, OnnxModel? against = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model.Copy();
        this.against = against?.Copy();
        try
        {
            this.model.InferTypes();
            EditableModel edited = this.model.Edit();
            if (inputs is not null)
            {
                values = new TensorValues(edited.Commit(), this.model.Contents, inputs);
                values.Teach(edited.Main);
                edited.Declare();
                this.model.Become(edited.Commit());
            }

            this.against?.InferTypes(edited.Main);
            graph = new ReductionGraph(edited);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reduces.</summary>
    /// <param name="fails">Whether a part still fails. What it throws ends the reduction.</param>
    /// <param name="progress">Hears each answer.</param>
    /// <param name="cancellationToken">Ends it before the next question.</param>
    /// <returns>The smallest part that fails, to be disposed by the caller; null when the whole model does not fail.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public OnnxReduction? Reduce(Func<OnnxCandidate, bool> fails, IProgress<OnnxReductionTry>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fails);
        using ReductionSearch search = new(graph, Cut, fails, progress, cancellationToken);
        return search.Run() is { } smallest ? new OnnxReduction(smallest, graph.Nodes.Count, search.Tries) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        values?.Dispose();
        model.Dispose();
        against?.Dispose();
    }

    /// <summary>Makes a model of a part.</summary>
    /// <returns>The part; null where it cannot be one.</returns>
    private OnnxCandidate? Cut(IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, int nodeCount)
    {
        Dictionary<string, OnnxTensor> given = values?.Of(inputs) ?? [];
        OnnxModel? part = null, other = null;
        try
        {
            part = model.Extract(inputs, outputs);
            other = against?.Extract(inputs, outputs);
            foreach (string name in inputs.Where(name => given.TryGetValue(name, out OnnxTensor? value) && IsFrozen(name, value)))
            {
                part.SetConstant(name, given[name]);
                other?.SetConstant(name, given[name]);
                given.Remove(name);
            }

            return new OnnxCandidate(part, other, given, nodeCount);
        }
        catch (ArgumentException)
        {
            // The other model has no such tensor, or needs more to compute it.
            part?.Dispose();
            other?.Dispose();
            return null;
        }
        catch
        {
            part?.Dispose();
            other?.Dispose();
            throw;
        }
    }

    private bool IsFrozen(string name, OnnxTensor value) => graph.Maker(name) is not null
        && (graph.IsConstant(name) || (value.ElementCount <= MostFrozen && value.ElementType is OnnxElementType.Int64 or OnnxElementType.Int32 or OnnxElementType.Bool));
}

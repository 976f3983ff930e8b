using System.Collections.Immutable;
using System.Globalization;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>Runs a model as it was and as it has become on the same inputs.</summary>
internal sealed class ModelComparison : IDisposable
{
    private readonly OnnxCheckOptions options;
    private readonly TensorContents contents;
    private readonly IOnnxSession before;
    private readonly IReadOnlyDictionary<string, OnnxTensor>[] inputs;
    private readonly IReadOnlyDictionary<string, OnnxTensor>?[] expected;
    private readonly string[] outputs;
    private readonly Dictionary<string, string> frontier;
    private readonly HashSet<string> random;

    /// <param name="model">The model as it is before changes; it may not be changed later.</param>
    /// <param name="contents">Reads its tensors.</param>
    /// <param name="options">How to compare.</param>
    /// <exception cref="OnnxCheckException">The model cannot be run as it is.</exception>
    public ModelComparison(ModelProto model, TensorContents contents, OnnxCheckOptions options)
    {
        this.options = options;
        this.contents = contents;
        try
        {
            before = RunnableModel.Open(model, contents, runnable => Comparable(model, runnable, []), out RunnableModel runnable);
            frontier = Frontier(runnable);
            Unknown = runnable.Unknown;
        }
        catch (OnnxRuntimeException error)
        {
            throw new OnnxCheckException($"The model cannot be run as it is, so it cannot be compared with what it becomes: {error.Message}", error);
        }

        try
        {
            random = Drawn(model.Graph);
            outputs = [.. before.Outputs.Where(output => output.Kind == OnnxValueKind.Tensor).Select(output => output.Name)];
            inputs = [.. Enumerable.Range(0, options.Count).Select(i => new RandomInputs(before.Inputs, options).Make(i))];
            expected = [.. inputs.Select(input => outputs.Length == 0 ? null : before.Run(input, outputs))];
        }
        catch (OnnxRuntimeException error)
        {
            before.Dispose();
            throw new OnnxCheckException(
                $"The model cannot be run as it is on the inputs of the check ({RandomInputs.Describe(inputs)}): {error.Message} Give shapes in OnnxCheckOptions.InputShapes, or inputs with MakeInput.", error);
        }
        catch
        {
            before.Dispose();
            throw;
        }
    }

    /// <summary>Nodes that ONNX Runtime has no operator for; what they read was compared instead of what they make.</summary>
    public IReadOnlyList<NodeProto> Unknown { get; }

    /// <summary>The greatest difference so far.</summary>
    public double Worst { get; private set; }

    /// <summary>How many runs were compared so far.</summary>
    public int Runs { get; private set; }

    /// <summary>Compares.</summary>
    /// <param name="changed">The model as it has become.</param>
    /// <param name="by">What changed it, to end the sentence "after …".</param>
    /// <exception cref="OnnxCheckException">It gives other outputs, or cannot be run.</exception>
    public void Check(ModelProto changed, string by)
    {
        try
        {
            Dictionary<string, string> now = [];
            using IOnnxSession session = RunnableModel.Open(changed, contents, runnable => Comparable(changed, runnable, now = Frontier(runnable, all: true)), out _);
            string[] current = [.. outputs.Select(name => Now(name, now))];
            Dictionary<string, OnnxTensor> constants = changed.Graph.Initializer.Where(tensor => current.Contains(tensor.Name)).ToDictionary(tensor => tensor.Name, contents.Read, StringComparer.Ordinal);
            string[] wanted = [.. current.Except(constants.Keys)];
            for (int i = 0; i < inputs.Length && outputs.Length > 0; i++)
            {
                IReadOnlyDictionary<string, OnnxTensor> actual = wanted.Length > 0 ? session.Run(inputs[i], wanted) : constants;
                for (int k = 0; k < outputs.Length; k++)
                {
                    Compare(outputs[k], expected[i]![outputs[k]], constants.GetValueOrDefault(current[k]) ?? actual[current[k]], by);
                }

                Runs++;
            }
        }
        catch (Exception error) when (error is OnnxRuntimeException or ArgumentException)
        {
            throw new OnnxCheckException($"After {by} the model cannot be run any more: {error.Message}", error);
        }
    }

    public void Dispose() => before.Dispose();

    /// <summary>Outputs that can be had, and what nodes read that were left out, as far as it can be had.</summary>
    private static IEnumerable<ValueInfoProto> Comparable(ModelProto model, RunnableModel runnable, Dictionary<string, string> known)
    {
        Dictionary<string, string> frontier = known.Count > 0 ? known : Frontier(runnable);
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> missing = new(runnable.LeftOut.SelectMany(node => node.Output), StringComparer.Ordinal);
        return model.Graph.Output.Where(output => !missing.Contains(output.Name) && names.Add(output.Name)).Concat(frontier.Values.Where(name => runnable.Made.Contains(name) && names.Add(name)).Select(name => new ValueInfoProto { Name = name })).ToArray();
    }

    /// <summary>What unknown nodes read of what can be computed, by the node's first output and the input's place: these stay the same when values are renamed.</summary>
    private static Dictionary<string, string> Frontier(RunnableModel runnable, bool all = false)
    {
        HashSet<string> made = new(runnable.Made, StringComparer.Ordinal);
        Dictionary<string, string> frontier = new(StringComparer.Ordinal);
        foreach (NodeProto node in runnable.Unknown)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (made.Contains(node.Input[i]) || (all && node.Input[i].Length > 0))
                {
                    frontier[$"{node.Output.FirstOrDefault()}\0{i}"] = node.Input[i];
                }
            }
        }

        return frontier;
    }

    /// <summary>Outputs that depend on what is drawn by lot.</summary>
    private static HashSet<string> Drawn(GraphProto graph)
    {
        HashSet<string> drawn = new(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            if (RandomOps.Draws(node) || node.Input.Any(drawn.Contains) || ModelTensors.Bodies(node).SelectMany(ModelTensors.Graphs).SelectMany(body => body.Node).Any(inner => inner.Input.Any(drawn.Contains)))
            {
                drawn.UnionWith(node.Output.Where(output => output.Length > 0));
            }
        }

        return drawn;
    }

    /// <summary>The name that an output has now: its own, or that of what an unknown node reads in the same place.</summary>
    private string Now(string name, Dictionary<string, string> now) =>
        frontier.FirstOrDefault(pair => pair.Value == name).Key is { } place && now.TryGetValue(place, out string? current) ? current : name;

    private void Compare(string name, OnnxTensor wanted, OnnxTensor actual, string by)
    {
        if (wanted.ElementType != actual.ElementType || !wanted.Dims.AsSpan().SequenceEqual(actual.Dims.AsSpan()))
        {
            throw new OnnxCheckException($"After {by} output \"{name}\" is {actual}, not {wanted}.");
        }

        if (random.Contains(name))
        {
            return;
        }

        if (TensorDifference.Between(wanted, actual, options.AbsoluteTolerance, options.RelativeTolerance) is var (worst, difference) && difference is not null)
        {
            throw new OnnxCheckException($"After {by} output \"{name}\" differs: {difference}.");
        }

        Worst = Math.Max(Worst, worst);
    }
}

using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>One comparison: runners on samples, each with the reference.</summary>
/// <param name="runners">The runners.</param>
/// <param name="reference">Which of them is right.</param>
/// <param name="order">The graph of the reference's model.</param>
/// <param name="rules">When outputs agree.</param>
internal sealed class CompareRun(IReadOnlyList<ComparedRunner> runners, ComparedRunner reference, GraphOrder order, Func<string, ComparisonRule> rules)
{
    private readonly OrderedDictionary<(string Runner, string Tensor), TensorResult> results = [];
    private readonly List<NotFinite> notFinite = [];
    private readonly HashSet<string> unmatched = new(StringComparer.Ordinal);

    /// <summary>Whether outputs are looked through for NaN and infinities.</summary>
    public bool Validates { get; init; }

    /// <summary>Whether histograms are made.</summary>
    public bool MakesHistograms { get; init; }

    /// <summary>Whether the first difference ends it.</summary>
    public bool StopsAtFirst { get; init; }

    /// <summary>Results by runner, in the order of the graph.</summary>
    public IReadOnlyCollection<TensorResult> Results => results.Values;

    /// <summary>Tensors that are not finite, each with the first sample in which it is not.</summary>
    public IReadOnlyList<NotFinite> NotFinite => notFinite;

    /// <summary>Outputs of the reference that another runner does not have.</summary>
    public IReadOnlyCollection<string> Unmatched => unmatched;

    /// <summary>How many samples were run.</summary>
    public int SampleCount { get; private set; }

    public bool Passed => results.Values.All(result => result.Passed) && notFinite.Count == 0;

    /// <summary>The first tensor in the graph that differs.</summary>
    public TensorResult? First => results.Values.FirstOrDefault(result => !result.Passed);

    /// <summary>Runs everything.</summary>
    /// <param name="samples">Inputs.</param>
    /// <param name="keep">Gets the reference's outputs of each sample; null for nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    public void Execute(IReadOnlyList<IReadOnlyDictionary<string, OnnxTensor>> samples, Action<IReadOnlyDictionary<string, OnnxTensor>>? keep, CancellationToken cancellation)
    {
        for (int i = 0; i < samples.Count && !(StopsAtFirst && !Passed); i++)
        {
            IReadOnlyDictionary<string, OnnxTensor> wanted = reference.Run(i, samples[i], cancellation);
            keep?.Invoke(wanted);
            string[] names = [.. wanted.Keys.OrderBy(order.Place)];
            Validate(reference, i, names, wanted);
            foreach (ComparedRunner runner in runners.Where(runner => !ReferenceEquals(runner, reference)))
            {
                cancellation.ThrowIfCancellationRequested();
                IReadOnlyDictionary<string, OnnxTensor> actual = runner.Run(i, samples[i], cancellation);
                Validate(runner, i, [.. actual.Keys.OrderBy(order.Place)], actual);
                Compare(runner, names, wanted, actual);
            }

            SampleCount++;
        }

        foreach (IGrouping<string, TensorResult> group in results.Values.GroupBy(result => result.Runner))
        {
            HashSet<string> looked = [.. group.Select(result => result.Tensor)], wrong = [.. group.Where(result => !result.Passed).Select(result => result.Tensor)];
            foreach (TensorResult result in group)
            {
                result.IsOrigin = !result.Passed && order.IsOrigin(result.Tensor, looked, wrong);
            }
        }
    }

    private void Compare(ComparedRunner runner, string[] names, IReadOnlyDictionary<string, OnnxTensor> wanted, IReadOnlyDictionary<string, OnnxTensor> actual)
    {
        string[] common = [.. names.Where(actual.ContainsKey)];
        if (common.Length == 0)
        {
            throw new UserError($"{runner.Name} and {reference.Name} have no output in common: {Listed(actual.Keys)} and {Listed(names)}. Outputs are paired by their names; \"trt onnx\" renames them.");
        }

        // A file may hold more than a model's outputs: its inputs, labels.
        unmatched.UnionWith(names.Where(name => !actual.ContainsKey(name) && (reference is not SavedRunner || order.Maker(name) is not null)));
        foreach (string name in common)
        {
            TensorComparison comparison = TensorComparison.Of(wanted[name], actual[name], rules(name));
            if (!results.TryGetValue((runner.Name, name), out TensorResult? result))
            {
                results.Add((runner.Name, name), result = new TensorResult(runner.Name, name, order.Maker(name)));
            }

            result.Samples.Add(comparison);
            if (MakesHistograms && comparison.Absolute is not null && result.Worst == result.Samples.Count - 1)
            {
                OnnxTensor differences = OnnxTensor.From(TensorComparison.AbsoluteDifferences(wanted[name], actual[name]));
                result.Histograms = (TensorStatistics.Histogram(wanted[name]), TensorStatistics.Histogram(actual[name]), TensorStatistics.Histogram(differences));
            }

            if (StopsAtFirst && !comparison.Passed)
            {
                return;
            }
        }
    }

    private void Validate(ComparedRunner runner, int sample, string[] names, IReadOnlyDictionary<string, OnnxTensor> outputs)
    {
        if (!Validates)
        {
            return;
        }

        HashSet<string> looked = new(names, StringComparer.Ordinal), wrong = new(StringComparer.Ordinal);
        foreach (string name in names.Where(name => outputs[name].ElementType is OnnxElementType.Float or OnnxElementType.Half or OnnxElementType.BFloat16 or OnnxElementType.Double))
        {
            TensorStatistics statistics = TensorStatistics.Of(outputs[name]);
            if (!statistics.IsFinite)
            {
                wrong.Add(name);
                if (!notFinite.Exists(known => known.Runner == runner.Name && known.Tensor == name))
                {
                    notFinite.Add(new NotFinite(runner.Name, name, order.Maker(name), sample, statistics, order.IsOrigin(name, looked, wrong.Where(other => other != name).ToHashSet())));
                }
            }
        }
    }

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(6).Select(name => $"\"{name}\"")) + (all.Length > 6 ? $" and {all.Length - 6} more" : string.Empty);
    }
}

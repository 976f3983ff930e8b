namespace Trt.Lite;

/// <summary>The pre- and post-processors of an engine, matched with its inputs and outputs.</summary>
internal sealed class Processors
{
    private readonly ModelLayout layout;
    private readonly (string Name, int[] Outputs, Postprocessor? Post)[] results;

    /// <exception cref="ArgumentException">A processor is registered for a tensor that the model does not have.</exception>
    public Processors(ModelLayout layout, EngineOptions options)
    {
        this.layout = layout;
        string[] inputs = [.. layout.Inputs.Select(input => input.Name)];
        string[] outputs = [.. layout.Outputs.Select(output => output.Name)];
        Dictionary<string, Preprocessor> byInput = options.Preprocessors.ToDictionary(entry => Resolve(entry.Key, inputs, "pre-processor", "input"), entry => entry.Value);
        bool isOnDevice = options.Processing == ProcessingDevice.Gpu;
        Readers = [.. layout.Inputs.Select(input => new InputReader(input, byInput.GetValueOrDefault(input.Name), isOnDevice && input.HasBatch ? (byInput.GetValueOrDefault(input.Name) ?? Pre.Decode).TransformFor(input) : null))];

        List<(string Name, int[] Outputs, Postprocessor? Post)> found = [];
        HashSet<int> taken = [];
        foreach (PostprocessorEntry entry in options.Postprocessors)
        {
            int[] chosen = [.. entry.Outputs.Select(name => Array.IndexOf(outputs, Resolve(name, outputs, "post-processor", "output")))];
            found.Add((entry.Name == "*" ? outputs[0] : entry.Name, chosen, entry.Postprocessor));
            taken.UnionWith(chosen);
        }

        // The order that was asked for, else the model's.
        string[] wanted = [.. options.OutputNodes.Select(name => Resolve(name, outputs, "node", "output"))];
        int[] order = [.. Enumerable.Range(0, outputs.Length).Select(i => wanted.Length == 0 ? i : Array.IndexOf(wanted, outputs[i]))];
        found.AddRange(Enumerable.Range(0, outputs.Length).Where(i => !taken.Contains(i) && order[i] >= 0).Select(i => (outputs[i], new[] { i }, (Postprocessor?)null)));
        results = [.. found.OrderBy(result => result.Outputs.Select(i => order[i]).DefaultIfEmpty(0).Min())];
        Reductions = [.. Enumerable.Range(0, outputs.Length).Select(i => isOnDevice && results.Where(result => result.Outputs.Contains(i)).ToArray() is [{ Outputs.Length: 1, Post: { } post }] ? post : null)];
        Detections = isOnDevice ? [.. results.Where(result => result.Post is AnchorBoxPostprocessor { HasKernel: true } && result.Outputs.Length is >= 2 and var count && count % 2 == 0
            && results.All(other => other == result || !other.Outputs.Intersect(result.Outputs).Any())).Select(result => ((AnchorBoxPostprocessor)result.Post!, result.Outputs))] : [];
        int[] processed = [.. Enumerable.Range(0, results.Length).Where(i => results[i].Post is not null)];
        Main = results.Length == 1 ? 0 : processed.Length == 1 ? processed[0] : -1;
    }

    /// <summary>One for each input, in the model's order.</summary>
    public InputReader[] Readers { get; }

    /// <summary>Detectors' results whose boxes may be made on the device, with their outputs, which nothing else sees.</summary>
    public (AnchorBoxPostprocessor Post, int[] Outputs)[] Detections { get; }

    /// <summary>For each output the post-processor that may have its work begun on the device: the only one that sees it, and sees nothing else.</summary>
    public Postprocessor?[] Reductions { get; }

    /// <summary>The result that is meant where one is asked for: the only one, or the only one with a post-processor; −1: there is none such.</summary>
    public int Main { get; }

    /// <summary>Names of the results in order.</summary>
    public IEnumerable<string> Results => results.Select(result => result.Name);

    /// <summary>What gathers the results of a call: all, or only that which is meant.</summary>
    public OutputCollector[] Collectors(bool all) => all ? [.. results.Select(Make)] : [Make(results[CheckMain()])];

    /// <summary>The result that is meant where one is asked for.</summary>
    public (int[] Outputs, Postprocessor? Post) MainResult()
    {
        (string _, int[] outputs, Postprocessor? post) = results[CheckMain()];
        return (outputs, post);
    }

    private static string Resolve(string name, string[] known, string what, string kind)
    {
        if (name == "*" && known.Length == 1)
        {
            return known[0];
        }

        return known.Contains(name, StringComparer.Ordinal) ? name
            : name == "*" ? throw new ArgumentException($"There is a {what} without a name, but the model has {known.Length} {kind}s: {string.Join(", ", known)}. Name one.")
            : throw new ArgumentException($"There is a {what} for {kind} \"{name}\", which the model does not have; it has {string.Join(", ", known)}.");
    }

    private int CheckMain() => Main >= 0
        ? Main
        : throw new InvalidOperationException($"The engine has the results {string.Join(", ", Results)}: ask for Outputs with Infer(…), or register a post-processor for the one that is meant.");

    private OutputCollector Make((string Name, int[] Outputs, Postprocessor? Post) result) => result.Post?.Collect(result.Name, result.Outputs) ?? new RawCollector(layout.Outputs[result.Outputs[0]], result.Outputs[0]);
}

namespace Trt.Lite;

/// <content>What is done with samples before the network and with outputs after it.</content>
public sealed partial class EngineOptions
{
    private readonly List<PostprocessorEntry> postprocessors = [];

    /// <summary>Where pre- and post-processors work that can do so on the engine's device: resizing, framing, cutting out the middle and scaling of pictures, the best class of scores, boxes of anchors. The CPU unless said otherwise.</summary>
    public ProcessingDevice Processing { get; set; }

    /// <summary>Pre-processors by input; the name <c>*</c> stands for the model's only input.</summary>
    public IDictionary<string, Preprocessor> Preprocessors { get; } = new Dictionary<string, Preprocessor>(StringComparer.Ordinal);

    internal IReadOnlyList<PostprocessorEntry> Postprocessors => postprocessors;

    /// <summary>Registers what makes an input's values of samples.</summary>
    /// <param name="input">The input's name.</param>
    /// <param name="preprocessor">One of <see cref="Pre"/>, or of <c>Pre.From</c>.</param>
    /// <returns>These options.</returns>
    public EngineOptions Preprocess(string input, Preprocessor preprocessor)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        ArgumentNullException.ThrowIfNull(preprocessor);
        Preprocessors[input] = preprocessor;
        return this;
    }

    /// <summary>Registers what makes the only input's values of samples.</summary>
    /// <param name="preprocessor">One of <see cref="Pre"/>, or of <c>Pre.From</c>.</param>
    /// <returns>These options.</returns>
    public EngineOptions Preprocess(Preprocessor preprocessor) => Preprocess("*", preprocessor);

    /// <summary>Registers what makes results of an output.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="postprocessor">One of <see cref="Post"/>, or of <c>Post.From</c>.</param>
    /// <returns>These options.</returns>
    public EngineOptions Postprocess(string output, Postprocessor postprocessor)
    {
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(postprocessor);
        postprocessors.RemoveAll(entry => entry.Name == output);
        postprocessors.Add(new PostprocessorEntry(output, [output], postprocessor));
        return this;
    }

    /// <summary>Registers what makes results of the only output.</summary>
    /// <param name="postprocessor">One of <see cref="Post"/>, or of <c>Post.From</c>.</param>
    /// <returns>These options.</returns>
    public EngineOptions Postprocess(Postprocessor postprocessor) => Postprocess("*", postprocessor);

    /// <summary>Registers what makes one result of several outputs, which do not come back by themselves then.</summary>
    /// <param name="name">What the result is called.</param>
    /// <param name="outputs">The outputs in the order in which the post-processor wants them.</param>
    /// <param name="postprocessor">One of <see cref="Post"/>, or of <c>Post.FromSample</c>.</param>
    /// <returns>These options.</returns>
    public EngineOptions Postprocess(string name, IEnumerable<string> outputs, Postprocessor postprocessor)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(postprocessor);
        postprocessors.RemoveAll(entry => entry.Name == name);
        postprocessors.Add(new PostprocessorEntry(name, [.. outputs], postprocessor));
        return this;
    }
}

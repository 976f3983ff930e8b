using Trt.Utils;

namespace Trt.Lite;

/// <summary>Post-processors to take from the shelf. They are immutable and may be shared; those of <see cref="ValueTransform"/> can stand before others.</summary>
public static class Post
{
    /// <summary>The place of the greatest value of all, of equal ones the first.</summary>
    public static Postprocessor<int> Argmax { get; } = new ArgmaxPostprocessor();

    /// <summary>The place of the greatest value along the last axis, one for each row: the tokens of a language model.</summary>
    public static Postprocessor<int[]> ArgmaxRows { get; } = new ArgmaxRowsPostprocessor();

    /// <summary>Softmax along the last axis.</summary>
    public static ValueTransform Softmax { get; } = new SoftmaxTransform(-1);

    /// <summary>1 / (1 + exp(−x)) of each value.</summary>
    public static ValueTransform Sigmoid { get; } = new SigmoidTransform();

    /// <summary>exp(x) of each value: probabilities where a model gives their logarithms.</summary>
    public static ValueTransform Exp { get; } = new ExpTransform();

    /// <summary>Softmax along an axis.</summary>
    /// <param name="axis">The axis, not counting the batch; negative ones count from the last.</param>
    public static ValueTransform SoftmaxAlong(int axis) => new SoftmaxTransform(axis);

    /// <summary>The greatest values with their classes, in falling order.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="labels">Names of the classes.</param>
    public static Postprocessor<Classification[]> TopK(int count, IReadOnlyList<string>? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TopKPostprocessor(count, labels);
    }

    /// <summary>All values that reach a threshold with their classes, in the order of classes: for models that give several labels.</summary>
    /// <param name="threshold">The least value that counts.</param>
    /// <param name="labels">Names of the classes.</param>
    public static Postprocessor<Classification[]> Threshold(float threshold, IReadOnlyList<string>? labels = null) => new ThresholdPostprocessor(threshold, labels);

    /// <summary>A picture of the class at each pixel, from [classes, height, width] scores, one plane with a threshold, or a plane of whole numbers that are classes already.</summary>
    /// <param name="palette">A colour for each class; none: a grey picture with the class's number.</param>
    /// <param name="threshold">Of a single plane of scores: from which on a pixel is class 1.</param>
    /// <param name="originalSize">Whether the result has the size of the picture that was given, as if it had not been resized, cropped or put into a frame.</param>
    public static Postprocessor<Image> Mask(IReadOnlyList<Colour>? palette = null, float threshold = 0.5f, bool originalSize = false) => new MaskPostprocessor([.. palette ?? []], threshold, originalSize);

    /// <summary>Boxes after non-maximum suppression, best first, in pixels of the original picture. For one output with boxes and scores, or for two: boxes, scores.</summary>
    /// <param name="options">How the boxes lie, and thresholds.</param>
    public static Postprocessor<DetectedBox[]> Nms(NmsOptions? options = null) => new NmsPostprocessor(options ?? new NmsOptions());

    /// <summary>Boxes of a detector that gives scores and deltas for anchors, best first, in pixels of the original picture: RetinaNet in the form of NVIDIA's ODTK. Registered for the scores of all levels, then their deltas.</summary>
    /// <param name="options">The anchors, and thresholds.</param>
    public static Postprocessor<DetectedBox[]> AnchorBoxes(AnchorBoxOptions? options = null) => new AnchorBoxPostprocessor(options ?? new AnchorBoxOptions());

    /// <summary>A function of one's own of one output.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="function">The function; called from several threads at once.</param>
    public static Postprocessor<TResult> From<TResult>(OutputFunction<TResult> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new DelegatePostprocessor<TResult>(sample => function(sample.Only));
    }

    /// <summary>A function of one's own of several outputs.</summary>
    /// <typeparam name="TResult">The result.</typeparam>
    /// <param name="function">The function; called from several threads at once.</param>
    public static Postprocessor<TResult> FromSample<TResult>(SampleFunction<TResult> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new DelegatePostprocessor<TResult>(function);
    }
}

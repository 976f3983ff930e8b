using Trt.Interop;

namespace Trt.Lite;

/// <summary>The part of a post-processor's work that kernels can do on one output, in this order.</summary>
/// <param name="SoftmaxAlong">The axis of a sample along which softmax is taken; null: the scores stay as they are.</param>
/// <param name="BestAlong">The axis of a sample along which only the best place is wanted; null: values are.</param>
/// <param name="Count">How many of the greatest values of a sample are wanted; 0: all.</param>
internal readonly record struct ScoreReduction(int? SoftmaxAlong, int? BestAlong, int Count)
{
    /// <summary>The best places along an axis.</summary>
    public static ScoreReduction Best(int axis) => new(null, axis, 0);

    /// <summary>The greatest values.</summary>
    public static ScoreReduction Top(int count) => new(null, null, count);

    /// <summary>Softmax of all values.</summary>
    public static ScoreReduction Softmax(int axis) => new(axis, null, 0);

    /// <summary>Whether there are kernels for an element type and as many rows.</summary>
    public bool Takes(DataType type, long rows) => type == DataType.Float ? Count == 0 || rows <= ushort.MaxValue : type == DataType.Half && SoftmaxAlong is null && BestAlong is not null;
}

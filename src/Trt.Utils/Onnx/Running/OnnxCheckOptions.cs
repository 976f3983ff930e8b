using System.Collections.Immutable;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>How a model is compared with what it was before a change: both are run by ONNX Runtime on the same inputs.</summary>
public sealed record OnnxCheckOptions
{
    /// <summary>How often, each time with other inputs.</summary>
    public int Count { get; init; } = 3;

    /// <summary>Extents of inputs by name, for inputs that have dynamic ones.</summary>
    public IReadOnlyDictionary<string, long[]> InputShapes { get; init; } = ImmutableDictionary<string, long[]>.Empty;

    /// <summary>What a dynamic extent is, by its axis, where <see cref="InputShapes"/> does not say it; 1 for axes beyond. The same symbol is the same extent in all inputs.</summary>
    public IReadOnlyList<long> DefaultShape { get; init; } = [1, 3, 224, 224];

    /// <summary>Makes an input; null for numbers from 0 to 1, and 0 or 1 for integers and booleans. Its arguments are the input, its extents, and which of the runs it is.</summary>
    public Func<OnnxValueInfo, long[], int, OnnxTensor>? MakeInput { get; init; }

    /// <summary>How far numbers may be apart.</summary>
    public double AbsoluteTolerance { get; init; } = 1e-5;

    /// <summary>How far numbers may be apart beyond that, as a part of the number before the change.</summary>
    public double RelativeTolerance { get; init; } = 1e-4;
}

namespace Trt.Utils;

/// <summary>Names of the passes that <see cref="OnnxModel.Optimize"/> and <see cref="OnnxModel.Simplify"/> can run; they are those of onnxoptimizer.</summary>
public static class OnnxPasses
{
    private static readonly GraphPass[] Passes =
    [
        new EliminateDeadend(), new EliminateDuplicateInitializer(), new EliminateIdentity(), new EliminateIfWithConstCond(), new EliminateNopCast(), new EliminateNopDropout(),
        new EliminateNopFlatten(), new EliminateNopMonotoneArgmax(), new EliminateNopPad(), new EliminateNopTranspose(), new EliminateUnusedInitializer(), new ExtractConstantToInitializer(),
        new FuseAddBiasIntoConv(), new FuseBnIntoConv(), new FuseConsecutiveConcats(), new FuseConsecutiveLogSoftmax(), new FuseConsecutiveReduceUnsqueeze(), new FuseConsecutiveSqueezes(),
        new FuseConsecutiveTransposes(), new FuseMatmulAddBiasIntoGemm(), new FusePadIntoConv(), new FuseTransposeIntoGemm(), new LiftLexicalReferences(), new NoPass(),

        // Beyond the usual list: what simplifying needs.
        new EliminateNopConcat(), new EliminateNopExpand(), new EliminateNopReshape(), new EliminateNopSplit(), new EliminateNopWithUnit(), new EliminateConsecutiveIdempotentOps(),
        new EliminateCommonSubexpression(), new EliminateKnownShape("eliminate_shape_op", "Shape of what is known becomes a constant", "Shape"),
        new EliminateKnownShape("eliminate_shape_gather", "numbers picked from a shape become constants where they are known", "Gather"),
        new EliminateKnownShape("eliminate_slice_after_shape", "parts of a shape become constants where they are known", "Slice"),
        new FuseConcatIntoReshape(), new FuseConsecutiveUnsqueezes(),
    ];

    private static readonly Dictionary<string, GraphPass> ByName = Passes.ToDictionary(pass => pass.Name, StringComparer.Ordinal);

    /// <summary>All passes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Passes.Select(pass => pass.Name)];

    /// <summary>What <see cref="OnnxModel.Optimize"/> runs when it is not told.</summary>
    public static IReadOnlyList<string> Default { get; } = [.. All.Take(All.ToList().IndexOf("nop") + 1)];

    /// <summary>What <see cref="OnnxModel.Simplify"/> runs: all but those that change nothing that is computed, or choose between equal results in another way.</summary>
    public static IReadOnlyList<string> Simplification { get; } = [.. All.Except(["eliminate_nop_monotone_argmax", "lift_lexical_references", "nop"])];

    /// <summary>What a pass does, in half a sentence.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <exception cref="ArgumentException">There is no such pass.</exception>
    public static string Describe(string name) => Find(name).Summary;

    internal static GraphPass Find(string name) => ByName.GetValueOrDefault(name) ?? throw new ArgumentException($"There is no pass \"{name}\".{OnnxModel.NearestText(name, All)}", nameof(name));
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>How an engine's weights find their values in a source.</summary>
/// <remarks>
/// An engine names its weights as the network did: by parameters (<c>fc1.weight</c>), or by a recipe of folded ones that is computed from several tensors (<see cref="RefitRecipe"/>). Weights without
/// a name go by their layer's and role: <c>LAYER.weight</c> for <see cref="WeightsRole.Kernel"/> and <see cref="WeightsRole.Scale"/>, <c>LAYER.bias</c> for <see cref="WeightsRole.Bias"/> and
/// <see cref="WeightsRole.Shift"/>, the layer's name alone for constants and others.
/// </remarks>
public sealed record RefitMapping
{
    /// <summary>Gives the source's name for a name of the engine; null leaves these weights as they are. What it is not given, or null itself: equal names. Names inside recipes go through <see cref="WeightsMap.Rename"/> instead.</summary>
    public Func<string, string?>? Rename { get; init; }

    /// <summary>Whether the last two axes of a tensor are exchanged, by the engine's name: for matrices that the network keeps the other way round than PyTorch's <c>[out, in]</c>.</summary>
    public Func<string, bool>? Transpose { get; init; }

    /// <summary>Whether weights for which the source has nothing may stay as they are; otherwise that is an error.</summary>
    public bool AllowPartial { get; init; }

    /// <summary>The name that weights without one go by.</summary>
    /// <param name="layer">Their layer.</param>
    /// <param name="role">What they are to it.</param>
    public static string NameOf(string layer, WeightsRole role) => role switch
    {
        WeightsRole.Kernel or WeightsRole.Scale => $"{layer}.weight",
        WeightsRole.Bias or WeightsRole.Shift => $"{layer}.bias",
        _ => layer,
    };

    internal string? SourceOf(string name) => Rename is null ? name : Rename(name);
}

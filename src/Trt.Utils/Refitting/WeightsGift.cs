using Trt.Interop;

namespace Trt.Utils;

/// <summary>Values in memory for one set of weights.</summary>
/// <param name="name">The weights' name, or null.</param>
/// <param name="layer">Their layer, where they have no name.</param>
/// <param name="role">What they are to it.</param>
/// <param name="weights">The values.</param>
/// <param name="location">Where they lie.</param>
/// <param name="check">Throws when the memory is gone; null where <see cref="Weights.Owner"/> keeps it or the caller does.</param>
internal sealed class WeightsGift(string? name, string? layer, WeightsRole role, Weights weights, TensorLocation location = TensorLocation.Host, Action? check = null) : RefitGift
{
    public override string Key => name ?? Label(layer!, role);

    public override string? Name => name;

    public override void GiveTo(IRefitter refitter)
    {
        Check();
        if (name is null)
        {
            refitter.SetWeights(layer!, role, weights);
        }
        else if (location == TensorLocation.Host)
        {
            refitter.SetNamedWeights(name, weights);
        }
        else
        {
            refitter.SetNamedWeights(name, weights, location);
        }
    }

    public override void Check() => check?.Invoke();

    /// <summary>A tensor, whose file must be open until the refit.</summary>
    public static WeightsGift Of(string? name, string? layer, WeightsRole role, TorchTensor tensor) => new(name, layer, role, tensor.ToWeights(), TensorLocation.Host, () => _ = tensor.Pointer);
}

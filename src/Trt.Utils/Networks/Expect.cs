using Trt.Interop;

namespace Trt.Utils;

/// <summary>Checks of what modules are given.</summary>
internal static class Expect
{
    /// <summary>An exception about a tensor of the checkpoint.</summary>
    public static ArgumentException Wrong(WeightsMap parameter, string problem) => new($"Tensor \"{parameter.Prefix}\" is [{string.Join(", ", parameter.Tensor.Shape)}], {problem}.");

    /// <summary>Checks how many axes an input has.</summary>
    public static Dims Rank(ITensor input, WeightsMap weights, string module, int rank, string form)
    {
        Dims dims = input.Dimensions;
        return dims.NbDims == rank
            ? dims
            : throw new ArgumentException($"{module} \"{weights.Prefix}\" takes an input {form}, but \"{input.Name}\" is {dims}.");
    }
}

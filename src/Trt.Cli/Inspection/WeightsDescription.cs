using Trt.Utils;

namespace Trt.Cli;

/// <summary>Describes files of weights.</summary>
internal static class WeightsDescription
{
    /// <param name="weights">The open file.</param>
    /// <param name="prefix">Only tensors whose names begin with this.</param>
    public static Description Of(TorchStateDict weights, string prefix)
    {
        TorchTensor[] tensors = [.. weights.Values.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))];
        Description description = new(weights.Path, "weights")
        {
            Sum = $"{tensors.Length} tensors, {Units.Count(tensors.Sum(tensor => tensor.ElementCount))} elements, {Units.Bytes(tensors.Sum(tensor => tensor.ByteCount))}",
            Values = name => weights.TryGetValue(name, out TorchTensor? tensor) ? tensor : null,
        };
        using WeightsMap map = WeightsMap.From(weights);
        description.Facts.Add(("architecture", ModelBuilders.Find(map)?.Name));
        description.Sections.Add(new Section("tensors", ["name", "type", "shape", "#elements", "#bytes"], [.. tensors.Select(tensor => new object?[]
        {
            tensor.Name, tensor.DType.TorchName(), tensor.Shape, tensor.ElementCount, tensor.ByteCount,
        })]));
        return description;
    }
}

namespace Trt.Utils;

/// <summary>What a weight file holds, of whatever format.</summary>
/// <param name="Root">All of it as plain values.</param>
/// <param name="Tensors">Its state dict.</param>
/// <param name="Shards">Other files that tensors lie in.</param>
internal sealed record WeightContent(object? Root, OrderedDictionary<string, TorchTensor> Tensors, IReadOnlyList<MappedFile> Shards)
{
    public WeightContent(object? root, OrderedDictionary<string, TorchTensor> tensors)
        : this(root, tensors, [])
    {
    }
}

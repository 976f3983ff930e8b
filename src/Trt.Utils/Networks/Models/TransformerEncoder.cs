using Trt.Interop;

namespace Trt.Utils;

/// <summary>
/// A transformer encoder over tokens: <c>token</c> and learned <c>position</c> embeddings, <c>layers.N</c> under the names of torch.nn.TransformerEncoderLayer, <c>norm</c> and the linear <c>head</c>.
/// </summary>
/// <remarks>
/// A layer has <c>norm1</c>, <c>self_attn</c> (in any of the forms of <see cref="AttentionModules.MultiHeadAttention"/>), <c>norm2</c>, <c>linear1</c> and <c>linear2</c>. Widths and depth are read from the weights; the number
/// of heads and the place of the normalizations are not in them.
/// </remarks>
public sealed record TransformerEncoder : IModelBuilder
{
    /// <inheritdoc/>
    public string Name => "transformer encoder";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Length of the sequences, at most the rows of <c>position</c>, or −1 to leave it open.</summary>
    public long Length { get; init; } = -1;

    /// <summary>Heads of the attentions.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Whether normalizations come before attention and linear layers (norm_first), or after the sums.</summary>
    public bool NormFirst { get; init; } = true;

    /// <summary>Whether the activation is GELU, or ReLU.</summary>
    public bool Gelu { get; init; } = true;

    /// <summary>Type of weights and output.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Type of the tokens, Int32, which every release has, or Int64.</summary>
    public DataType TokenType { get; init; } = DataType.Int32;

    /// <summary>Name of the input, [batch, length]: tokens.</summary>
    public string InputName { get; init; } = "tokens";

    /// <summary>Name of the output, [batch, length, classes].</summary>
    public string OutputName { get; init; } = "logits";

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["token.weight"].IsTensor && weights["position.weight"].IsTensor && weights["head.weight"].IsTensor
            && weights["layers.0.linear1.weight"].IsTensor && weights.Contains("layers.0.self_attn");
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        long longest = weights.Expect("position.weight", -1, -1).Tensor.Shape[0];
        return Length > longest
            ? throw new ArgumentException($"{nameof(Length)} is {Length}, but \"{weights["position.weight"].Prefix}\" has {longest} rows.")
            : [ModelInput.Of(InputName, TokenType, [Batch, Length], (1, 1, 16), (1, longest, longest))];
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ITensor tokens = network.AddInput(InputsFor(weights)[0], "batch", "length");
        ITensor x = network.Add(network.Embedding(tokens, weights["token"], Type), Positions(network, tokens, weights["position"]));
        int layers = Math.Max(weights["layers"].Count(), 1);
        for (int i = 0; i < layers; i++)
        {
            x = Layer(network, x, weights["layers"][i]);
        }

        x = weights.Contains("norm") ? network.LayerNorm(x, weights["norm"]) : x;
        network.AddOutput(network.Linear(x, weights["head"]), OutputName);
    }

    /// <summary>The first rows of the table, as many as there are tokens: [1, length, width].</summary>
    private ITensor Positions(INetworkDefinition network, ITensor tokens, WeightsMap weights)
    {
        TorchTensor table = weights.Expect("weight", -1, -1).Tensor;
        long width = table.Shape[1];
        ITensor rows = network.Constant(weights["weight"], Type, 1, table.Shape[0], width);
        long length = tokens.Dimensions[1];
        ISliceLayer layer = network.AddSlice(rows, [0, 0, 0], length < 0 ? [0, 0, 0] : [1, length, width], [1, 1, 1]);
        if (length < 0)
        {
            ITensor count = network.Extent(tokens, 1, isScalar: false, "position/length");
            ITensor one = network.Integers(count.Type, "position/one", false, 1);
            layer.SetInput(2, network.Concatenate([one, count, network.Integers(count.Type, "position/width", false, width)], 0, "position/size"));
        }

        return network.Named(layer, "position");
    }

    private ITensor Layer(INetworkDefinition network, ITensor x, WeightsMap weights)
    {
        if (NormFirst)
        {
            x = network.Add(x, Attention(network, network.LayerNorm(x, weights["norm1"]), weights));
            return network.Add(x, Forward(network, network.LayerNorm(x, weights["norm2"]), weights));
        }

        x = network.LayerNorm(network.Add(x, Attention(network, x, weights)), weights["norm1"]);
        return network.LayerNorm(network.Add(x, Forward(network, x, weights)), weights["norm2"]);
    }

    private ITensor Attention(INetworkDefinition network, ITensor x, WeightsMap weights) => network.MultiHeadAttention(x, weights["self_attn"], Heads, batchFirst: true);

    private ITensor Forward(INetworkDefinition network, ITensor x, WeightsMap weights)
    {
        ITensor inner = network.Linear(x, weights["linear1"]);
        return network.Linear(Gelu ? network.Gelu(inner) : network.Relu(inner), weights["linear2"]);
    }
}

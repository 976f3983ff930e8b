using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's attention as layers of a network.</summary>
public static class AttentionModules
{
    /// <summary>torch.nn.MultiheadAttention, without its weights as second result.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="query">[L, N, E], or with <paramref name="batchFirst"/> [N, L, E].</param>
    /// <param name="weights">
    /// The module. The projections are <c>in_proj_weight</c> [3 E, E] with <c>in_proj_bias</c>; or <c>q_proj_weight</c>, <c>k_proj_weight</c>, <c>v_proj_weight</c> with <c>in_proj_bias</c>, which PyTorch uses
    /// for keys of another width; or the linear modules <c>q_proj</c>, <c>k_proj</c>, <c>v_proj</c>. The last one is the linear module <c>out_proj</c>. Biases may be missing.
    /// </param>
    /// <param name="heads">How many heads; divides E. The checkpoint does not tell.</param>
    /// <param name="key">[S, N, Ek], or with <paramref name="batchFirst"/> [N, S, Ek]; the query when null.</param>
    /// <param name="value">[S, N, Ev], or with <paramref name="batchFirst"/> [N, S, Ev]; the key when null.</param>
    /// <param name="mask">
    /// As PyTorch's attn_mask, [L, S] or [N · heads, L, S]: Bool, true where a query must not look, or a floating-point number that is added to the score.
    /// </param>
    /// <param name="keyPaddingMask">[N, S]: Bool, true where a key does not count, or a floating-point number that is added to the score.</param>
    /// <param name="causal">Whether query i looks at the keys 0 to i only.</param>
    /// <param name="batchFirst">Whether the batch is the first axis; PyTorch's default is the second.</param>
    /// <returns>The shape of the query, with as many features as <c>out_proj</c> has outputs.</returns>
    /// <remarks>A query that may look at no key at all gets the mean of the values; PyTorch gives NaN.</remarks>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor MultiHeadAttention(
        this INetworkDefinition network,
        ITensor query,
        WeightsMap weights,
        int heads,
        ITensor? key = null,
        ITensor? value = null,
        ITensor? mask = null,
        ITensor? keyPaddingMask = null,
        bool causal = false,
        bool batchFirst = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        string name = weights.NameOr("MultiheadAttention");
        foreach (string extra in (ReadOnlySpan<string>)["bias_k", "bias_v"])
        {
            if (weights[extra].IsTensor)
            {
                throw new NotSupportedException($"MultiheadAttention \"{weights.Prefix}\" has \"{weights[extra].Prefix}\" (add_bias_kv), which is not supported.");
            }
        }

        key ??= query;
        value ??= key;
        InProjection projection = new(network, weights, name);
        ITensor q = Heads(network, projection.Of(Order(network, query, batchFirst, name + "/query"), 0), weights, heads, name + "/q");
        ITensor k = Heads(network, projection.Of(Order(network, key, batchFirst, name + "/key"), 1), weights, heads, name + "/k");
        ITensor v = Heads(network, projection.Of(Order(network, value, batchFirst, name + "/value"), 2), weights, heads, name + "/v");
        double scale = 1 / Math.Sqrt(q.Dimensions[3]);
        q = network.ElementWise(q, network.Number(scale, q.Type, 4, name + "/scale factor"), ElementWiseOperation.Prod, name + "/scale");
        ITensor scores = network.TimesTransposed(q, k, name + "/scores");
        scores = AttentionMasks.Apply(network, scores, mask, keyPaddingMask, causal ? (q, k) : null, heads, name);
        ISoftMaxLayer softMax = network.AddSoftMax(scores);
        softMax.Axes = 1u << 3;
        ITensor attention = network.Named(softMax, name + "/softmax");
        ITensor context = network.Named(network.AddMatrixMultiply(attention, MatrixOperation.None, v, MatrixOperation.None), name + "/context");
        ITensor joined = network.Shuffle(context, name + "/join", [0, 2, 1, 3], [0, 0, heads * v.Dimensions[3]], []);
        WeightsMap output = weights["out_proj"];
        ITensor result = LinearModules.Map(network, joined, output["weight"], output["bias"], output.Prefix);
        return Order(network, result, batchFirst, name + "/output");
    }

    /// <summary>Swaps sequence and batch where the batch is not first.</summary>
    private static ITensor Order(INetworkDefinition network, ITensor x, bool batchFirst, string name) => x.Dimensions.NbDims != 3
        ? throw new ArgumentException($"MultiheadAttention takes inputs of three axes, batch, sequence and features, but \"{x.Name}\" is {x.Dimensions}.")
        : batchFirst ? x : network.Transpose(x, name, 1, 0, 2);

    /// <summary>[N, L, E] as [N, heads, L, E / heads].</summary>
    private static ITensor Heads(INetworkDefinition network, ITensor x, WeightsMap weights, int heads, string name)
    {
        long width = x.Dimensions[2];
        return width % heads == 0
            ? network.Shuffle(x, name, [], [0, 0, heads, width / heads], [0, 2, 1, 3])
            : throw new ArgumentException($"MultiheadAttention \"{weights.Prefix}\" was asked for {heads} heads, which do not divide its {width} features.", nameof(heads));
    }

    /// <summary>The projections of query, key and value, under any of the names that they have.</summary>
    private sealed class InProjection
    {
        private static readonly string[] Separate = ["q_proj_weight", "k_proj_weight", "v_proj_weight"];
        private static readonly string[] Linear = ["q_proj", "k_proj", "v_proj"];

        private readonly INetworkDefinition network;
        private readonly WeightsMap weights;
        private readonly string name;
        private ITensor? joinedWeight;
        private ITensor? joinedBias;

        public InProjection(INetworkDefinition network, WeightsMap weights, string name)
        {
            this.network = network;
            this.weights = weights;
            this.name = name;
        }

        /// <summary>Projects a tensor as the query (0), the key (1) or the value (2).</summary>
        public ITensor Of(ITensor x, int part)
        {
            WeightsMap linear = weights[Linear[part]];
            if (linear["weight"].IsTensor)
            {
                return LinearModules.Map(network, x, linear["weight"], linear["bias"], linear.Prefix);
            }

            long features = x.Dimensions[2];
            string place = $"{name}/{Linear[part]}";
            ITensor projected;
            if (weights[Separate[part]].IsTensor)
            {
                TorchTensor shape = weights.Expect(Separate[part], -1, features).Tensor;
                projected = network.TimesTransposed(x, network.Constant(weights[Separate[part]], x.Type, 1, shape.Shape[0], features), place);
            }
            else
            {
                TorchTensor shape = weights.Expect("in_proj_weight", -1, features).Tensor;
                long width = shape.Shape[0] / 3;
                joinedWeight ??= network.Constant(weights["in_proj_weight"], x.Type, 1, shape.Shape[0], features);
                projected = network.TimesTransposed(x, Part(joinedWeight, part, [1, width, features], 1, place + "/weight"), place);
            }

            WeightsMap bias = weights["in_proj_bias"];
            if (!bias.IsTensor)
            {
                return projected;
            }

            long outputs = projected.Dimensions[2];
            bias.Expect(3 * outputs);
            joinedBias ??= network.Constant(bias, x.Type, 1, 1, 3 * outputs);
            return network.ElementWise(projected, Part(joinedBias, part, [1, 1, outputs], 2, place + "/bias"), ElementWiseOperation.Sum, place + "/sum");
        }

        private ITensor Part(ITensor all, int part, Dims size, int axis, string place)
        {
            Dims start = NetworkParts.Same(3, 0);
            start[axis] = part * size[axis];
            return network.Named(network.AddSlice(all, start, size, NetworkParts.Same(3, 1)), place);
        }
    }
}

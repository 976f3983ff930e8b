using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's linear maps and embeddings as layers of a network.</summary>
/// <remarks>Weights are constants named like the parameters (<c>fc1.weight</c>, <c>fc1.bias</c>): a refit finds them by PyTorch's names. They become the type of the input and are read when the engine is built.</remarks>
public static class LinearModules
{
    /// <summary>torch.nn.Linear: y = x Wᵀ + b along the last axis.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[…, features], two axes at least.</param>
    /// <param name="weights">The module: <c>weight</c> [outputs, features] and, where there is one, <c>bias</c> [outputs].</param>
    /// <returns>[…, outputs].</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor Linear(this INetworkDefinition network, ITensor input, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        return Map(network, input, weights["weight"], weights["bias"], weights.NameOr("Linear"));
    }

    /// <summary>torch.nn.Embedding: a row of the table for each token.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="tokens">Indices of any shape, Int32 or Int64, from 0 to rows − 1.</param>
    /// <param name="weights">The module: <c>weight</c> [rows, features].</param>
    /// <param name="type">The type that the table becomes.</param>
    /// <returns>The shape of the tokens, and features behind it.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static ITensor Embedding(this INetworkDefinition network, ITensor tokens, WeightsMap weights, DataType type = DataType.Float)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(weights);
        if (tokens.Type is not (DataType.Int32 or DataType.Int64))
        {
            throw new ArgumentException($"Embedding \"{weights.Prefix}\" takes Int32 or Int64 indices, but \"{tokens.Name}\" is {tokens.Type}.");
        }

        TorchTensor table = weights.Expect("weight", -1, -1).Tensor;
        ITensor rows = network.Constant(weights["weight"], type, table.Shape[0], table.Shape[1]);
        return network.Named(network.AddGather(rows, tokens, 0), weights.NameOr("Embedding"));
    }

    /// <summary>A linear map of two parameters anywhere in the checkpoint.</summary>
    internal static ITensor Map(INetworkDefinition network, ITensor input, WeightsMap weight, WeightsMap bias, string name)
    {
        Dims dims = input.Dimensions;
        if (dims.NbDims < 2)
        {
            throw new ArgumentException($"Linear \"{name}\" takes an input of two axes or more, but \"{input.Name}\" is {dims}.");
        }

        TorchTensor shape = weight.Expect(-1, dims[dims.NbDims - 1]).Tensor;
        Span<long> ones = stackalloc long[dims.NbDims];
        ones.Fill(1);
        ones[^2] = shape.Shape[0];
        ones[^1] = shape.Shape[1];
        ITensor output = network.TimesTransposed(input, network.Constant(weight, input.Type, ones), name);
        return bias.IsTensor ? AddBias(network, output, bias, name) : output;
    }

    /// <summary>Adds a parameter along the last axis.</summary>
    internal static ITensor AddBias(INetworkDefinition network, ITensor x, WeightsMap bias, string name)
    {
        Dims dims = x.Dimensions;
        bias.Expect(dims[dims.NbDims - 1]);
        Span<long> ones = stackalloc long[dims.NbDims];
        ones.Fill(1);
        ones[^1] = dims[dims.NbDims - 1];
        return network.ElementWise(x, network.Constant(bias, x.Type, ones), ElementWiseOperation.Sum, name + "/bias");
    }
}

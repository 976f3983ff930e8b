using Trt.Interop;

namespace Trt.Utils;

/// <summary>A language model over characters: the embedding <c>embed</c>, an LSTM <c>lstm</c> of any depth, and the linear <c>head</c>.</summary>
/// <remarks>
/// Inputs are tokens and the states before them, outputs the scores of each next token and the states after them: feed the states back to go on. Vocabulary, widths and depth are read from the weights.
/// </remarks>
public sealed record CharacterLstm : IModelBuilder
{
    /// <inheritdoc/>
    public string Name => "character LSTM";

    /// <summary>Batch size, or −1 to leave it open.</summary>
    public long Batch { get; init; } = -1;

    /// <summary>Length of the sequences, or −1 to leave it open.</summary>
    public long Length { get; init; } = -1;

    /// <summary>Type of weights, states and output.</summary>
    public DataType Type { get; init; } = DataType.Float;

    /// <summary>Type of the tokens, Int32, which every release has, or Int64.</summary>
    public DataType TokenType { get; init; } = DataType.Int32;

    /// <summary>Name of the input of tokens, [batch, length].</summary>
    public string InputName { get; init; } = "tokens";

    /// <summary>Names of the inputs of states and cells before the first token, [layers, batch, width].</summary>
    public (string Hidden, string Cell) StateInputNames { get; init; } = ("h0", "c0");

    /// <summary>Name of the output, [batch, length, vocabulary].</summary>
    public string OutputName { get; init; } = "logits";

    /// <summary>Names of the outputs of states and cells after the last token, [layers, batch, width].</summary>
    public (string Hidden, string Cell) StateOutputNames { get; init; } = ("h", "c");

    /// <inheritdoc/>
    public bool Recognises(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["embed.weight"].IsTensor && weights["lstm.weight_ih_l0"].IsTensor && weights["lstm.weight_hh_l0"].IsTensor && weights["head.weight"].IsTensor;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ModelInput> InputsFor(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        WeightsMap lstm = weights["lstm"];
        int layers = 1;
        while (lstm[$"weight_ih_l{layers}"].IsTensor)
        {
            layers++;
        }

        int directions = lstm["weight_ih_l0_reverse"].IsTensor ? 2 : 1;
        TorchTensor recurrent = lstm.Expect("weight_hh_l0", -1, -1).Tensor;
        (long, long, long) batches = (1, 1, 16);
        ModelInput State(string name, long width) => ModelInput.Of(name, Type, [layers * directions, Batch, width], default, batches);
        return
        [
            ModelInput.Of(InputName, TokenType, [Batch, Length], batches, (1, 32, 256)),
            State(StateInputNames.Hidden, recurrent.Shape[1]),
            State(StateInputNames.Cell, recurrent.Shape[0] / 4),
        ];
    }

    /// <inheritdoc/>
    public void Define(INetworkDefinition network, WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(network);
        IReadOnlyList<ModelInput> inputs = InputsFor(weights);
        ITensor tokens = network.AddInput(inputs[0], "batch", "length");
        ITensor before = network.AddInput(inputs[1], "layers", "batch", "width");
        ITensor cellsBefore = network.AddInput(inputs[2], "layers", "batch", "width");
        ITensor embedded = network.Embedding(tokens, weights["embed"], Type);
        (ITensor output, ITensor hidden, ITensor cell) = network.Lstm(embedded, weights["lstm"], before, cellsBefore, batchFirst: true);
        network.AddOutput(network.Linear(output, weights["head"]), OutputName);
        network.AddOutput(hidden, StateOutputNames.Hidden);
        network.AddOutput(cell, StateOutputNames.Cell);
    }
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>PyTorch's recurrent modules as loops of a network.</summary>
/// <remarks>
/// How many layers there are, and whether they run in both directions, is read from the names (<c>weight_ih_l0</c>, <c>weight_ih_l1_reverse</c> …). The products with the input are computed for all steps at
/// once before each layer's loop. All sequences of a batch have the same length.
/// </remarks>
public static class RecurrentModules
{
    /// <summary>torch.nn.LSTM.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[L, N, features], or with <paramref name="batchFirst"/> [N, L, features].</param>
    /// <param name="weights">The module: <c>weight_ih_lK</c>, <c>weight_hh_lK</c> and, where there are such, <c>bias_ih_lK</c>, <c>bias_hh_lK</c> and <c>weight_hr_lK</c> (projections), each also with <c>_reverse</c>.</param>
    /// <param name="hidden">The states before the first step, [layers · directions, N, hidden]; zeros when null.</param>
    /// <param name="cell">The cells before the first step, [layers · directions, N, cells]; zeros when null.</param>
    /// <param name="batchFirst">Whether the batch is the first axis of input and output; PyTorch's default is the second.</param>
    /// <returns>The last layer's states of all steps, [L, N, directions · hidden] (or batch first), and the states and cells of all layers after the last step.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static (ITensor Output, ITensor Hidden, ITensor Cell) Lstm(
        this INetworkDefinition network, ITensor input, WeightsMap weights, ITensor? hidden = null, ITensor? cell = null, bool batchFirst = false)
    {
        RecurrentStack stack = new(network, input, weights, "LSTM", 4, batchFirst);
        (ITensor output, ITensor[] last) = stack.Run([hidden, cell], static pass =>
        {
            ITensor before = pass.State(0);
            ITensor cellBefore = pass.State(1);
            ITensor sum = pass.Plus(pass.Step, pass.TimesRecurrent(before));
            ITensor entered = pass.Times(pass.Sigmoid(sum, 0, "input"), pass.Tanh(pass.Gate(sum, 2, "cell"), "cell tanh"));
            ITensor cell = pass.Plus(pass.Times(pass.Sigmoid(sum, 1, "forget"), cellBefore), entered);
            ITensor next = pass.Projected(pass.Times(pass.Sigmoid(sum, 3, "output"), pass.Tanh(cell, "state tanh")));
            return [next, cell];
        });
        return (output, last[0], last[1]);
    }

    /// <summary>torch.nn.GRU.</summary>
    /// <param name="network">The network that is added to.</param>
    /// <param name="input">[L, N, features], or with <paramref name="batchFirst"/> [N, L, features].</param>
    /// <param name="weights">The module: <c>weight_ih_lK</c>, <c>weight_hh_lK</c> and, where there are such, <c>bias_ih_lK</c> and <c>bias_hh_lK</c>, each also with <c>_reverse</c>.</param>
    /// <param name="hidden">The states before the first step, [layers · directions, N, hidden]; zeros when null.</param>
    /// <param name="batchFirst">Whether the batch is the first axis of input and output; PyTorch's default is the second.</param>
    /// <returns>The last layer's states of all steps, [L, N, directions · hidden] (or batch first), and the states of all layers after the last step.</returns>
    /// <inheritdoc cref="ConvolutionModules.Conv2d" path="/exception"/>
    public static (ITensor Output, ITensor Hidden) Gru(this INetworkDefinition network, ITensor input, WeightsMap weights, ITensor? hidden = null, bool batchFirst = false)
    {
        RecurrentStack stack = new(network, input, weights, "GRU", 3, batchFirst);
        (ITensor output, ITensor[] last) = stack.Run([hidden], static pass =>
        {
            ITensor before = pass.State(0);
            ITensor recurrent = pass.TimesRecurrent(before);
            ITensor reset = pass.Sigmoid(pass.Plus(pass.Gate(pass.Step, 0, "reset input"), pass.Gate(recurrent, 0, "reset state")), "reset");
            ITensor update = pass.Sigmoid(pass.Plus(pass.Gate(pass.Step, 1, "update input"), pass.Gate(recurrent, 1, "update state")), "update");
            ITensor fresh = pass.Tanh(pass.Plus(pass.Gate(pass.Step, 2, "new input"), pass.Times(reset, pass.Gate(recurrent, 2, "new state"))), "new");

            // (1 − z) n + z h as n + z (h − n).
            return [pass.Plus(fresh, pass.Times(update, pass.Minus(before, fresh)))];
        });
        return (output, last[0]);
    }
}

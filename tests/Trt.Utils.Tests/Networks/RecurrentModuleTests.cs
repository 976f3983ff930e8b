using Xunit;

namespace Trt.Utils.Tests.Networks;

public sealed class RecurrentModuleTests
{
    private const int Features = 5;
    private const int Size = 4;
    private const int Steps = 6;
    private const int Batch = 3;

    [Theory]
    [InlineData(1, false, true, false, 0)]
    [InlineData(2, true, true, true, 0)]
    [InlineData(2, false, false, false, 0)]
    [InlineData(2, true, true, false, 3)]
    public void An_LSTM_follows_PyTorchs_formula(int layers, bool isBidirectional, bool hasBias, bool batchFirst, int projection)
    {
        int hidden = projection > 0 ? projection : Size;
        WeightsMap weights = Weights(4, layers, isBidirectional, hasBias, hidden);
        (Grid data, HostTensor x) = Data(batchFirst);
        int directions = isBidirectional ? 2 : 1;
        HostTensor h0 = HostTensor.Random(8, -1, 1, layers * directions, Batch, hidden);
        HostTensor c0 = HostTensor.Random(9, -1, 1, layers * directions, Batch, Size);
        (Grid output, Grid[] last) = Layers(data, layers, directions, (input, ending, index) =>
        {
            Grid h = h0;
            Grid c = c0;
            (Grid states, Grid lastHidden, Grid lastCell) = Formulas.Lstm(input, weights, ending, (n, i) => h[index, n, i], (n, i) => c[index, n, i]);
            return [states, lastHidden, lastCell];
        });

        ModuleCheck.Equal(
            [("y", batchFirst ? Swapped(output) : output), ("h", last[0]), ("c", last[1])],
            [("x", x), ("h0", h0), ("c0", c0)],
            (network, inputs) => network.Lstm(inputs[0], weights, inputs[1], inputs[2], batchFirst) is var (y, h, c) ? [y, h, c] : [],
            openAxes: [1]);
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, true, true)]
    public void A_GRU_follows_PyTorchs_formula(int layers, bool isBidirectional, bool batchFirst)
    {
        WeightsMap weights = Weights(3, layers, isBidirectional, true, Size);
        (Grid data, HostTensor x) = Data(batchFirst);
        int directions = isBidirectional ? 2 : 1;
        HostTensor h0 = HostTensor.Random(8, -1, 1, layers * directions, Batch, Size);
        (Grid output, Grid[] last) = Layers(data, layers, directions, (input, ending, index) =>
        {
            Grid h = h0;
            (Grid states, Grid lastHidden) = Formulas.Gru(input, weights, ending, (n, i) => h[index, n, i]);
            return [states, lastHidden];
        });

        ModuleCheck.Equal(
            [("y", batchFirst ? Swapped(output) : output), ("h", last[0])],
            [("x", x), ("h0", h0)],
            (network, inputs) => network.Gru(inputs[0], weights, inputs[1], batchFirst) is var (y, h) ? [y, h] : [],
            openAxes: [1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_states_the_first_ones_are_zero(bool isLstm)
    {
        WeightsMap weights = Weights(isLstm ? 4 : 3, 1, false, true, Size);
        (Grid data, HostTensor x) = Data(false);
        Grid expected = isLstm ? Formulas.Lstm(data, weights, "l0", (_, _) => 0, (_, _) => 0).Output : Formulas.Gru(data, weights, "l0", (_, _) => 0).Output;

        ModuleCheck.Equal(expected, x, (network, input) => isLstm ? network.Lstm(input, weights).Output : network.Gru(input, weights).Output, openAxes: [0, 1]);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using NetworkRig rig = new();
        WeightsMap weights = new RandomWeights().Add("rnn.weight_ih_l0", 16, 5).Add("rnn.weight_hh_l0", 16, 3).Map["rnn"];

        Assert.Contains("\"rnn.weight_hh_l0\"", Assert.Throws<WeightShapeException>(() => rig.Network.Lstm(rig.Input("x", 2, 1, 5), weights)).Message, StringComparison.Ordinal);
        Assert.Contains("\"rnn.weight_ih_l0\"", Assert.Throws<WeightShapeException>(() => rig.Network.Lstm(rig.Input("x6", 2, 1, 6), weights)).Message, StringComparison.Ordinal);
        Assert.Contains("\"rnn.weight_ih_l0\"", Assert.Throws<ArgumentException>(() => rig.Network.Gru(rig.Input("x5", 2, 1, 5), weights)).Message, StringComparison.Ordinal);
        Assert.Contains("\"other.weight_ih_l0\"", Assert.Throws<KeyNotFoundException>(() => rig.Network.Lstm(rig.Input("x7", 2, 1, 5), WeightsMap.From(new Dictionary<string, TorchTensor>())["other"])).Message, StringComparison.Ordinal);
    }

    private static WeightsMap Weights(int gates, int layers, bool isBidirectional, bool hasBias, long hidden)
    {
        RandomWeights weights = new();
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (string direction in isBidirectional ? new[] { "", "_reverse" } : [""])
            {
                string ending = $"l{layer}{direction}";
                weights.Add($"rnn.weight_ih_{ending}", gates * Size, layer == 0 ? Features : hidden * (isBidirectional ? 2 : 1)).Add($"rnn.weight_hh_{ending}", gates * Size, hidden);
                _ = hasBias ? weights.Add($"rnn.bias_ih_{ending}", gates * Size).Add($"rnn.bias_hh_{ending}", gates * Size) : weights;
                _ = hidden != Size ? weights.Add($"rnn.weight_hr_{ending}", hidden, Size) : weights;
            }
        }

        return weights.Map["rnn"];
    }

    private static (Grid Data, HostTensor Input) Data(bool batchFirst)
    {
        HostTensor x = batchFirst ? HostTensor.Random(2, -1, 1, Batch, Steps, Features) : HostTensor.Random(2, -1, 1, Steps, Batch, Features);
        return (batchFirst ? Swapped(x) : x, x);
    }

    /// <summary>Layers one after the other, directions side by side; a layer gives its output and its states at the end.</summary>
    private static (Grid Output, Grid[] Last) Layers(Grid x, int layers, int directions, Func<Grid, string, int, Grid[]> layer)
    {
        List<Grid>[] last = [[], []];
        for (int i = 0; i < layers; i++)
        {
            List<Grid> outputs = [];
            for (int direction = 0; direction < directions; direction++)
            {
                Grid[] results = layer(x, $"l{i}{(direction == 1 ? "_reverse" : "")}", (i * directions) + direction);
                outputs.Add(results[0]);
                for (int kind = 1; kind < results.Length; kind++)
                {
                    last[kind - 1].Add(results[kind]);
                }
            }

            long width = outputs[0].Shape[2];
            x = Grid.From([x.Shape[0], x.Shape[1], width * directions], (t, n, j, _) => outputs[(int)(j / width)][t, n, j % width]);
        }

        return (x, [.. last.Where(states => states.Count > 0).Select(states => Grid.From([states.Count, states[0].Shape[0], states[0].Shape[1]], (k, n, j, _) => states[(int)k][n, j]))]);
    }

    private static Grid Swapped(Grid x) => Grid.From([x.Shape[1], x.Shape[0], x.Shape[2]], (a, b, c, _) => x[b, a, c]);
}

using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Recurrent operators, built of a loop over the sequence.</summary>
internal static class Recurrences
{
    public static void Register(ImporterTable table)
    {
        table.Add("RNN", Simple);
        table.Add("GRU", Gated);
        table.Add("LSTM", LongShortTerm);
    }

    /// <summary>h = f(x W + h' R + b).</summary>
    private static ImportedValue?[] Simple(ImportNode node)
    {
        RecurrentLoop loop = new(node, 1, ActivationType.Tanh);
        ITensor? bias = loop.SummedBias();
        ITensor initial = loop.InitialState(5);
        ITensor x = loop.Begin();
        IRecurrenceLayer state = loop.State(initial);
        ITensor before = state.GetOutput(0);
        ITensor sum = Sum(node, loop.TimesWeights(x, loop.Weights), loop.TimesWeights(before, loop.Recurrence), bias);
        ITensor next = loop.Kept(loop.Activate(sum, 0), before);
        state.SetInput(1, next);
        return loop.Results(next, state);
    }

    /// <summary>Gates z and r are computed together, the new state with what r lets through.</summary>
    private static ImportedValue?[] Gated(ImportNode node)
    {
        RecurrentLoop loop = new(node, 3, ActivationType.Sigmoid, ActivationType.Tanh);
        long hidden = loop.Hidden;
        ITensor directions = node.Int64s(loop.Directions);
        ITensor one = node.Int64s(hidden);
        ITensor two = node.Int64s(2 * hidden);
        ITensor features = node.AxisLength(loop.Data, 2, vector: true);
        ITensor Rows(long first, ITensor count)
        {
            ITensor start = node.Int64s(0, first, 0);
            ITensor size = node.Concatenate(0, directions, count, features);
            ISliceLayer layer = node.Network.AddSlice(loop.Weights, new Dims(0, 0, 0), new Dims(0, 0, 0), new Dims(1, 1, 1));
            layer.SetInput(1, start);
            layer.SetInput(2, size);
            return node.Out(layer);
        }

        ITensor Block(ITensor data, Dims start, Dims size) => node.Out(node.Network.AddSlice(data, start, size, new Dims(1, 1, 1)));
        ITensor gateWeights = Rows(0, two);
        ITensor stateWeights = Rows(2 * hidden, one);
        ITensor gateRecurrence = Block(loop.Recurrence, new Dims(0, 0, 0), new Dims(loop.Directions, 2 * hidden, hidden));
        ITensor stateRecurrence = Block(loop.Recurrence, new Dims(0, 2 * hidden, 0), new Dims(loop.Directions, hidden, hidden));
        ITensor?[] bias = new ITensor?[4];
        if (node.Has(3))
        {
            ITensor all = node.Reshape(node.Tensor(3), [loop.Directions, 1, 6 * hidden]);
            (long First, long Count)[] parts = [(0, 2), (2, 1), (3, 2), (5, 1)];
            bias = Array.ConvertAll(parts, part => (ITensor?)Block(all, new Dims(0, 0, part.First * hidden), new Dims(loop.Directions, 1, part.Count * hidden)));
        }

        _ = loop.StateShape;
        ITensor x = loop.Begin();
        IRecurrenceLayer state = loop.State(loop.InitialState(5));
        ITensor before = state.GetOutput(0);
        ITensor gates = Sum(node, loop.TimesWeights(x, gateWeights), loop.TimesWeights(before, gateRecurrence), bias[0], bias[2]);
        gates = loop.Activate(gates, 0);
        ITensor update = loop.Gate(gates, 0);
        ITensor reset = loop.Gate(gates, 1);
        ITensor fresh = loop.TimesWeights(x, stateWeights);
        if (node.Int("linear_before_reset", 0) == 0)
        {
            ITensor kept = loop.TimesWeights(node.ElementWise(reset, before, ElementWiseOperation.Prod), stateRecurrence);
            ITensor? both = bias[1] is null ? null : node.ElementWise(bias[3]!, bias[1]!, ElementWiseOperation.Sum);
            fresh = Sum(node, fresh, kept, both);
        }
        else
        {
            ITensor kept = loop.TimesWeights(before, stateRecurrence);
            kept = bias[3] is null ? kept : node.ElementWise(kept, bias[3]!, ElementWiseOperation.Sum);
            fresh = Sum(node, fresh, node.ElementWise(reset, kept, ElementWiseOperation.Prod), bias[1]);
        }

        fresh = loop.Activate(fresh, 1);
        ITensor rest = node.ElementWise(node.Constant(before.Type, new Dims(1, 1, 1), 1), update, ElementWiseOperation.Sub);
        ITensor next = node.ElementWise(
            node.ElementWise(rest, fresh, ElementWiseOperation.Prod), node.ElementWise(update, before, ElementWiseOperation.Prod), ElementWiseOperation.Sum);
        _ = loop.PassShape;
        next = loop.Kept(next, before);
        state.SetInput(1, next);
        return loop.Results(next, state);
    }

    /// <summary>Gates lie in the order input, output, forget, cell; peepholes in the order input, output, forget.</summary>
    private static ImportedValue?[] LongShortTerm(ImportNode node)
    {
        if (node.Int("input_forget", 0) != 0)
        {
            throw node.Unsupported("LSTM with coupled input and forget gates is not supported.");
        }

        RecurrentLoop loop = new(node, 4, ActivationType.Sigmoid, ActivationType.Tanh, ActivationType.Tanh);
        ITensor? bias = loop.SummedBias();
        _ = loop.StateShape;
        ITensor firstState = loop.InitialState(5);
        ITensor firstCell = loop.InitialState(6);
        ITensor x = loop.Begin();
        IRecurrenceLayer state = loop.State(firstState);
        IRecurrenceLayer cell = loop.State(firstCell);
        ITensor before = state.GetOutput(0);
        ITensor cellBefore = cell.GetOutput(0);
        ITensor gates = Sum(node, loop.TimesWeights(x, loop.Weights), loop.TimesWeights(before, loop.Recurrence), bias);
        ITensor Peeping(ITensor gate, ITensor seen, int place)
        {
            if (!node.Has(7))
            {
                return gate;
            }

            ITensor part = node.Out(node.Network.AddSlice(node.Tensor(7), new Dims(0, place * loop.Hidden), new Dims(loop.Directions, loop.Hidden), new Dims(1, 1)));
            return node.ElementWise(gate, node.ElementWise(node.Unsqueeze(part, 1), seen, ElementWiseOperation.Prod), ElementWiseOperation.Sum);
        }

        ITensor input = loop.Activate(Peeping(loop.Gate(gates, 0), cellBefore, 0), 0);
        ITensor forget = loop.Activate(Peeping(loop.Gate(gates, 2), cellBefore, 2), 0);
        ITensor candidate = loop.Activate(loop.Gate(gates, 3), 1);
        ITensor nextCell = node.ElementWise(
            node.ElementWise(input, candidate, ElementWiseOperation.Prod), node.ElementWise(forget, cellBefore, ElementWiseOperation.Prod), ElementWiseOperation.Sum);
        _ = loop.PassShape;
        nextCell = loop.Kept(nextCell, cellBefore);
        cell.SetInput(1, nextCell);
        ITensor output = loop.Activate(Peeping(loop.Gate(gates, 1), nextCell, 1), 0);
        ITensor next = node.ElementWise(output, loop.ActivateWhole(nextCell, 2), ElementWiseOperation.Prod);
        next = loop.Kept(next, before);
        state.SetInput(1, next);
        return loop.Results(next, state, cell);
    }

    private static ITensor Sum(ImportNode node, ITensor x, ITensor y, params ReadOnlySpan<ITensor?> more)
    {
        ITensor sum = node.ElementWise(x, y, ElementWiseOperation.Sum);
        foreach (ITensor? term in more)
        {
            sum = term is null ? sum : node.ElementWise(sum, term, ElementWiseOperation.Sum);
        }

        return sum;
    }
}

using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>What RNN, GRU and LSTM share: attributes, states, the loop over the sequence, masks for shorter sequences, outputs.</summary>
/// <remarks>Both directions run in one loop: states and gates are directions × batch × hidden.</remarks>
internal sealed class RecurrentLoop
{
    private readonly ImportNode node;
    private readonly bool batchFirst;
    private readonly bool isReverse;
    private readonly float clip;
    private readonly (ActivationType Type, float? Alpha, float? Beta)[] activations;
    private ITensor? stateShape;
    private ITensor? passShape;

    public RecurrentLoop(ImportNode node, int gates, params ReadOnlySpan<ActivationType> defaults)
    {
        this.node = node;
        Gates = gates;
        Hidden = node.Int("hidden_size");
        string direction = node.Text("direction", "forward");
        Directions = direction == "bidirectional" ? 2 : 1;
        isReverse = direction == "reverse";
        if (direction is not ("forward" or "reverse" or "bidirectional"))
        {
            throw node.Unsupported($"{node.Operator} has no direction {direction}.");
        }

        clip = node.Float("clip", -1);
        batchFirst = node.Int("layout", 0) == 1;
        activations = RecurrentActivations.Read(node, Directions, defaults);
        Weights = node.Tensor(1);
        Recurrence = node.Tensor(2);
        Data = batchFirst ? node.Transpose(node.Tensor(0), 1, 0, 2) : node.Tensor(0);
    }

    public int Gates { get; }

    public long Hidden { get; }

    public int Directions { get; }

    /// <summary>Sequence × batch × features.</summary>
    public ITensor Data { get; }

    public ITensor Weights { get; }

    public ITensor Recurrence { get; }

    public ILoop Loop { get; private set; } = null!;

    /// <summary>Directions, batch and hidden size as values.</summary>
    public ITensor StateShape => stateShape ??= MakeStateShape();

    /// <summary>The shape of one direction's state.</summary>
    public ITensor PassShape => passShape ??=
        node.ElementWise(StateShape, node.Int64s(Directions, 1, 1), ElementWiseOperation.Div);

    /// <summary>The sum of input and recurrent bias, made to broadcast over the batch; null without bias.</summary>
    public ITensor? SummedBias()
    {
        if (!node.Has(3))
        {
            return null;
        }

        ITensor pair = node.Reshape(node.Tensor(3), [Directions, 2, Gates * Hidden]);
        return node.Reduce(pair, ReduceOperation.Sum, 1u << 1, true);
    }

    /// <summary>A state before the first step: an input of the node, or zeros.</summary>
    public ITensor InitialState(int input)
    {
        if (!node.Has(input))
        {
            _ = StateShape;
            return node.Filled(node.Constant(Data.Type, new Dims(1), 0), ShapeValues.From(node, StateShape));
        }

        ITensor state = node.Tensor(input);
        return batchFirst ? node.Transpose(state, 1, 0, 2) : state;
    }

    /// <summary>Begins the loop.</summary>
    /// <returns>The input of a step, directions × batch × features.</returns>
    public ITensor Begin()
    {
        Loop = node.Network.AddLoop();
        node.Named(Loop.AddTripLimit(node.AxisLength(Data, 0), TripLimit.Count));
        if (Directions == 1)
        {
            ITensor step = node.Unsqueeze(Iterator(isReverse), 0);
            return node.Has(4) ? Masked(step, isReverse, null) : step;
        }

        ITensor forward = Iterator(false);
        ITensor backward = Iterator(true);
        forward = node.Unsqueeze(forward, 0);
        backward = node.Unsqueeze(backward, 0);
        if (node.Has(4))
        {
            ITensor counter = Counter();
            forward = Masked(forward, false, counter);
            backward = Masked(backward, true, counter);
        }

        return node.Concatenate(0, forward, backward);
    }

    public IRecurrenceLayer State(ITensor initial)
    {
        IRecurrenceLayer layer = Loop.AddRecurrence(initial);
        node.Named(layer);
        return layer;
    }

    public ITensor Activate(ITensor x, int index)
    {
        (ActivationType type, float? alpha, float? beta) = activations[index];
        return node.Activation(clip >= 0 ? node.Activation(x, ActivationType.Clip, -clip, clip) : x, type, alpha, beta);
    }

    /// <summary>As the other one, without clipping.</summary>
    public ITensor ActivateWhole(ITensor x, int index)
    {
        (ActivationType type, float? alpha, float? beta) = activations[index];
        return node.Activation(x, type, alpha, beta);
    }

    public ITensor TimesWeights(ITensor x, ITensor weights) => node.Multiply(x, MatrixOperation.None, weights, MatrixOperation.Transpose);

    /// <summary>One gate of several that lie side by side.</summary>
    public ITensor Gate(ITensor gates, int index)
    {
        ISliceLayer layer = node.Network.AddSlice(gates, new Dims(0, 0, 0), new Dims(0, 0, 0), new Dims(1, 1, 1));
        ITensor start = node.Int64s(0, 0, index * Hidden);
        layer.SetInput(1, start);
        layer.SetInput(2, StateShape);
        return node.Out(layer);
    }

    /// <summary>The new state where the sequence still runs, the old one after its end.</summary>
    public ITensor Kept(ITensor next, ITensor before)
    {
        if (!node.Has(4))
        {
            return next;
        }

        if (Directions == 1)
        {
            return node.Select(Runs(isReverse, null), next, before);
        }

        (ITensor forward, ITensor backward) = Split(next);
        (ITensor forwardBefore, ITensor backwardBefore) = Split(before);
        ITensor counter = Counter();
        forward = node.Select(Runs(false, counter), forward, forwardBefore);
        backward = node.Select(Runs(true, counter), backward, backwardBefore);
        return node.Concatenate(0, forward, backward);
    }

    /// <summary>The states of both directions.</summary>
    private (ITensor Forward, ITensor Backward) Split(ITensor states)
    {
        ITensor first = node.Int64s(0, 0, 0);
        ITensor second = node.Int64s(1, 0, 0);
        ITensor Part(ITensor start)
        {
            ISliceLayer layer = node.Network.AddSlice(states, new Dims(0, 0, 0), new Dims(0, 0, 0), new Dims(1, 1, 1));
            layer.SetInput(1, start);
            layer.SetInput(2, PassShape);
            return node.Out(layer);
        }

        ITensor forward = Part(first);
        return (forward, Part(second));
    }

    /// <summary>The node's outputs: every step's state where somebody wants it, and last states.</summary>
    public ImportedValue?[] Results(ITensor next, params ReadOnlySpan<IRecurrenceLayer> states)
    {
        ImportedValue?[] results = new ImportedValue?[states.Length + 1];
        if (node.WantsOutput(0))
        {
            ITensor all = Sequence(next);
            results[0] = new ImportedValue(batchFirst ? node.Transpose(all, 2, 0, 1, 3) : all);
        }

        for (int i = 0; i < states.Length; i++)
        {
            if (node.WantsOutput(i + 1))
            {
                ITensor last = node.Out(Loop.AddLoopOutput(states[i].GetOutput(0), LoopOutput.LastValue));
                results[i + 1] = new ImportedValue(batchFirst ? node.Transpose(last, 1, 0, 2) : last);
            }
        }

        return results;
    }

    /// <summary>States of all steps, sequence × directions × batch × hidden; zeros after a sequence's end.</summary>
    private ITensor Sequence(ITensor next)
    {
        ITensor length = node.AxisLength(Data, 0);
        if (Directions == 1)
        {
            return Collected(node.Has(4) ? Masked(next, isReverse, null) : next, length, isReverse);
        }

        (ITensor forward, ITensor backward) = Split(next);
        if (node.Has(4))
        {
            ITensor counter = Counter();
            forward = Masked(forward, false, counter);
            backward = Masked(backward, true, counter);
        }

        return node.Concatenate(1, Collected(forward, length, false), Collected(backward, length, true));
    }

    private ITensor Collected(ITensor step, ITensor length, bool reversed)
    {
        ILoopOutputLayer layer = Loop.AddLoopOutput(step, reversed ? LoopOutput.Reverse : LoopOutput.Concatenate);
        layer.SetInput(1, length);
        return node.Out(layer);
    }

    private ITensor Iterator(bool reversed) => node.Out(Loop.AddIterator(Data, 0, reversed));

    private ITensor MakeStateShape()
    {
        ITensor directions = node.Int64s(Directions);
        ITensor hidden = node.Int64s(Hidden);
        ITensor batch = node.AxisLength(Data, 1, vector: true);
        return node.Concatenate(0, directions, batch, hidden);
    }

    /// <summary>Zeros after the end of a sequence.</summary>
    private ITensor Masked(ITensor step, bool reversed, ITensor? counter)
    {
        ITensor zero = node.Constant(step.Type, new Dims(1, 1, 1), 0);
        return node.Select(Runs(reversed, counter), step, zero);
    }

    /// <summary>Whether the present step lies within each sequence, 1 × batch × 1.</summary>
    private ITensor Runs(bool reversed, ITensor? counter)
    {
        ITensor lengths = node.Tensor(4);
        if (!reversed)
        {
            ITensor step = node.AddCast(counter ?? Counter(), lengths.Type);
            return node.Unsqueeze(node.ElementWise(step, lengths, ElementWiseOperation.Less), 0, 2);
        }

        // From the end, the step's place is length − 1 − counter: it is inside when length − counter <= the sequence's.
        ITensor total = node.AddCast(node.AxisLength(Data, 0, vector: true), lengths.Type);
        ITensor left = node.ElementWise(total, node.AddCast(counter ?? Counter(), lengths.Type), ElementWiseOperation.Sub);
        ITensor isOutside = node.ElementWise(lengths, left, ElementWiseOperation.Less);
        return node.Unsqueeze(node.Unary(isOutside, UnaryOperation.Not), 0, 2);
    }

    /// <summary>The number of the step, from 0.</summary>
    private ITensor Counter()
    {
        ITensor zero = node.Int64s(0);
        ITensor one = node.Int64s(1);
        IRecurrenceLayer layer = State(zero);
        ITensor count = layer.GetOutput(0);
        layer.SetInput(1, node.ElementWise(count, one, ElementWiseOperation.Sum));
        return count;
    }
}

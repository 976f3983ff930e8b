using Trt.Interop;

namespace Trt.Utils;

/// <summary>One direction of one layer: its weights, and the small operations of a step. States are [N, width].</summary>
internal sealed class RecurrentPass
{
    private readonly INetworkDefinition network;
    private readonly string name;
    private readonly int gates;
    private readonly long cells;
    private readonly DataType type;
    private readonly List<IRecurrenceLayer> states = [];
    private Dims stateSize;
    private ITensor? batch;
    private ITensor? gateSize;

    public RecurrentPass(INetworkDefinition network, string name, int gates, long cells, DataType type)
    {
        this.network = network;
        this.name = name;
        this.gates = gates;
        this.cells = cells;
        this.type = type;
    }

    /// <summary>Weights of the state, [gates · cells, hidden].</summary>
    public required ITensor Recurrent { get; init; }

    /// <summary>[hidden, cells], of an LSTM with projections.</summary>
    public required ITensor? Projection { get; init; }

    /// <summary>[1, gates · cells], where it cannot be added before the loop.</summary>
    public ITensor? RecurrentBias { get; set; }

    /// <summary>The input's products of all steps, [L, N, gates · cells].</summary>
    public ITensor Products { get; set; } = null!;

    /// <summary>States before the first step.</summary>
    public List<ITensor> Initial { get; } = [];

    /// <summary>The input's products of this step, [N, gates · cells].</summary>
    public ITensor Step { get; private set; } = null!;

    /// <summary>Notes the size of a gate, [N, cells]; where the batch is not known yet, as a value computed before the loop.</summary>
    public void SetStateSize(ITensor x)
    {
        stateSize = [x.Dimensions[1], cells];
        if (stateSize[0] < 0)
        {
            batch = network.Extent(x, 1, isScalar: false, name + "/batch");
            gateSize = Size(cells);
        }
    }

    public ITensor Zeros(long width)
    {
        if (batch is null)
        {
            return network.Filled([stateSize[0], width], 0, type, name + "/zeros");
        }

        // One zero, read again and again.
        ISliceLayer layer = network.AddSlice(network.Number(0, type, 2, name + "/zero"), [0, 0], [0, 0], [0, 0]);
        layer.SetInput(2, width == cells ? gateSize! : Size(width));
        return network.Named(layer, name + "/zeros");
    }

    public void Begin(ILoop loop, bool isReverse)
    {
        Step = network.Named(loop.AddIterator(Products, 0, isReverse), name + "/step");
        foreach (ITensor initial in Initial)
        {
            IRecurrenceLayer layer = loop.AddRecurrence(initial);
            network.Named(layer, name + "/state");
            states.Add(layer);
        }
    }

    /// <summary>Closes the circle and collects the states of all steps, [L, N, hidden].</summary>
    public ITensor Finish(ILoop loop, ITensor[] next, ITensor steps, bool isReverse)
    {
        for (int kind = 0; kind < next.Length; kind++)
        {
            states[kind].SetInput(1, next[kind]);
        }

        ILoopOutputLayer layer = loop.AddLoopOutput(next[0], isReverse ? LoopOutput.Reverse : LoopOutput.Concatenate);
        layer.SetInput(1, steps);
        return network.Named(layer, name + "/states");
    }

    /// <summary>A state after the last step, [1, N, width].</summary>
    public ITensor Last(ILoop loop, int kind)
    {
        ITensor last = network.Named(loop.AddLoopOutput(states[kind].GetOutput(0), LoopOutput.LastValue), name + "/last");
        return network.Reshape(last, [1, last.Dimensions[0], last.Dimensions[1]], name + "/last state");
    }

    public ITensor State(int kind) => states[kind].GetOutput(0);

    public ITensor TimesRecurrent(ITensor state)
    {
        ITensor product = network.TimesTransposed(state, Recurrent, name + "/recurrent");
        return RecurrentBias is null ? product : Plus(product, RecurrentBias);
    }

    public ITensor Projected(ITensor state) => Projection is null ? state : network.TimesTransposed(state, Projection, name + "/projection");

    /// <summary>One gate of those that lie side by side.</summary>
    public ITensor Gate(ITensor all, int index, string what)
    {
        Dims size = gateSize is null ? stateSize : [0, 0];
        ISliceLayer layer = network.AddSlice(all, [0, index * cells], size, [1, 1]);
        if (gateSize is not null)
        {
            layer.SetInput(2, gateSize);
        }

        return network.Named(layer, $"{name}/{what} gate");
    }

    public ITensor Sigmoid(ITensor all, int gate, string what) => Sigmoid(Gate(all, gate, what), what);

    public ITensor Sigmoid(ITensor x, string what) => network.Named(network.AddActivation(x, ActivationType.Sigmoid), $"{name}/{what}");

    public ITensor Tanh(ITensor x, string what) => network.Named(network.AddActivation(x, ActivationType.Tanh), $"{name}/{what}");

    public ITensor Plus(ITensor x, ITensor y) => network.ElementWise(x, y, ElementWiseOperation.Sum, name + "/sum");

    public ITensor Minus(ITensor x, ITensor y) => network.ElementWise(x, y, ElementWiseOperation.Sub, name + "/difference");

    public ITensor Times(ITensor x, ITensor y) => network.ElementWise(x, y, ElementWiseOperation.Prod, name + "/product");

    private ITensor Size(long width) => network.Concatenate([batch!, network.Integers(batch!.Type, name + "/width", false, width)], 0, name + "/size");
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>The layers of a recurrent module one after the other; each is a loop in which both directions run.</summary>
internal sealed class RecurrentStack
{
    private readonly INetworkDefinition network;
    private readonly WeightsMap weights;
    private readonly string module;
    private readonly string name;
    private readonly int gates;
    private readonly bool batchFirst;
    private readonly ITensor data;
    private readonly int layers;
    private readonly string[] directions;

    public RecurrentStack(INetworkDefinition network, ITensor input, WeightsMap weights, string module, int gates, bool batchFirst)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(weights);
        this.network = network;
        this.weights = weights;
        this.module = module;
        this.gates = gates;
        this.batchFirst = batchFirst;
        name = weights.NameOr(module);
        Expect.Rank(input, weights, module, 3, batchFirst ? "[N, L, features]" : "[L, N, features]");
        data = batchFirst ? network.Transpose(input, name + "/sequence first", 1, 0, 2) : input;
        while (weights[$"weight_ih_l{layers}"].IsTensor)
        {
            layers++;
        }

        layers = Math.Max(layers, 1);
        directions = weights["weight_ih_l0_reverse"].IsTensor ? ["", "_reverse"] : [""];
    }

    /// <summary>Adds all layers.</summary>
    /// <param name="initial">The states before the first step, for each kind of state; zeros where null.</param>
    /// <param name="step">The next states from those before.</param>
    /// <returns>The output of all steps and each kind of state after the last one.</returns>
    public (ITensor Output, ITensor[] Last) Run(ITensor?[] initial, Func<RecurrentPass, ITensor[]> step)
    {
        ITensor steps = network.Extent(data, 0, isScalar: true, name + "/steps");
        ITensor x = data;
        List<ITensor>[] last = Array.ConvertAll(initial, _ => new List<ITensor>());
        for (int layer = 0; layer < layers; layer++)
        {
            ILoop loop = network.AddLoop();
            loop.Name = $"{name}/l{layer}";
            RecurrentPass[] passes = [.. directions.Select((direction, i) => Pass(x, layer, i, initial))];
            loop.AddTripLimit(steps, TripLimit.Count).Name = NetworkState.Of(network).Unique($"{name}/l{layer}/count");
            ITensor[] outputs = new ITensor[passes.Length];
            for (int i = 0; i < passes.Length; i++)
            {
                passes[i].Begin(loop, isReverse: i == 1);
                ITensor[] next = step(passes[i]);
                outputs[i] = passes[i].Finish(loop, next, steps, isReverse: i == 1);
                for (int kind = 0; kind < next.Length; kind++)
                {
                    last[kind].Add(passes[i].Last(loop, kind));
                }
            }

            x = outputs.Length == 1 ? outputs[0] : network.Concatenate(outputs, 2, $"{name}/l{layer}/directions");
        }

        ITensor output = batchFirst ? network.Transpose(x, name + "/batch first", 1, 0, 2) : x;
        return (output, Array.ConvertAll(last, parts => parts.Count == 1 ? parts[0] : network.Concatenate([.. parts], 0, name + "/last")));
    }

    /// <summary>What one direction of one layer computes before its loop.</summary>
    private RecurrentPass Pass(ITensor x, int layer, int direction, ITensor?[] initial)
    {
        string ending = $"l{layer}{directions[direction]}";
        string place = $"{name}/{ending}";
        long features = x.Dimensions[2];
        TorchTensor input = weights.Expect($"weight_ih_{ending}", -1, features).Tensor;
        long rows = input.Shape[0];
        if (rows % gates != 0)
        {
            throw Expect.Wrong(weights[$"weight_ih_{ending}"], $"whose rows do not divide into the {gates} gates of {module}");
        }

        long cells = rows / gates;
        WeightsMap projection = weights[$"weight_hr_{ending}"];
        long hidden = projection.IsTensor ? projection.Expect(-1, cells).Tensor.Shape[0] : cells;
        weights.Expect($"weight_hh_{ending}", rows, hidden);
        RecurrentPass pass = new(network, place, gates, cells, x.Type)
        {
            Recurrent = network.Constant(weights[$"weight_hh_{ending}"], x.Type, rows, hidden),
            Projection = projection.IsTensor ? network.Constant(projection, x.Type, hidden, cells) : null,
        };
        ITensor products = network.TimesTransposed(x, network.Constant(weights[$"weight_ih_{ending}"], x.Type, 1, rows, features), place + "/input");
        WeightsMap bias = weights[$"bias_ih_{ending}"];
        WeightsMap recurrentBias = weights[$"bias_hh_{ending}"];
        products = bias.IsTensor ? LinearModules.AddBias(network, products, bias, place + "/input") : products;
        if (recurrentBias.IsTensor && gates == 4)
        {
            // All gates add it: once for all steps. GRU multiplies a part of it by the reset gate.
            products = LinearModules.AddBias(network, products, recurrentBias, place + "/state");
        }
        else if (recurrentBias.IsTensor)
        {
            recurrentBias.Expect(rows);
            pass.RecurrentBias = network.Constant(recurrentBias, x.Type, 1, rows);
        }

        pass.Products = products;
        pass.SetStateSize(x);
        int index = (layer * directions.Length) + direction;
        for (int kind = 0; kind < initial.Length; kind++)
        {
            pass.Initial.Add(initial[kind] is { } states ? Chosen(states, index, kind == 0 ? hidden : cells, $"{place}/initial") : pass.Zeros(kind == 0 ? hidden : cells));
        }

        return pass;
    }

    /// <summary>One layer's part of [layers · directions, N, width].</summary>
    private ITensor Chosen(ITensor states, int index, long width, string place)
    {
        Dims dims = states.Dimensions;
        int all = layers * directions.Length;
        if (dims.NbDims != 3 || (dims[0] >= 0 && dims[0] != all) || (dims[2] >= 0 && dims[2] != width))
        {
            throw new ArgumentException($"The states before the first step of \"{weights.Prefix}\" must be [{all}, N, {width}], but \"{states.Name}\" is {dims}.");
        }

        return network.Named(network.AddGather(states, network.Integers(DataType.Int32, place + "/index", true, index), 0), place);
    }
}

using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Loop and Scan.</summary>
internal static class Loops
{
    public static void Register(ImporterTable table)
    {
        table.Add("Loop", Loop);
        table.Add("Scan", Scan);
    }

    /// <summary>Inputs: trip count, condition, initial values. The body reads the count of trips, the condition and the values; it makes condition, values and slices of results.</summary>
    private static ImportedValue?[] Loop(ImportNode node)
    {
        GraphProto body = node.Graph("body");
        int states = node.InputCount - 2;
        if (states < 0 || body.Input.Count != states + 2 || body.Output.Count < states + 1)
        {
            throw node.Invalid($"Loop has {node.InputCount} inputs, but its body takes {body.Input.Count} and gives {body.Output.Count}; it needs 2 or more, as many, and one for each value and the condition.");
        }

        INetworkDefinition network = node.Network;
        ILoop loop = network.AddLoop();
        loop.Name = node.Name;
        ITensor? trips = Trips(node);
        if (trips is not null)
        {
            loop.AddTripLimit(trips, TripLimit.Count);
        }

        IRecurrenceLayer? condition = node.Has(1) ? loop.AddRecurrence(node.Scalar(node.Tensor(1))) : null;
        IRecurrenceLayer[] values = [.. Enumerable.Range(2, states).Select(i => loop.AddRecurrence(node.Tensor(i)))];
        ImportedValue?[] inputs =
        [
            Counter(node, loop, body),
            new ImportedValue(condition?.GetOutput(0) ?? node.Tensor(ConstantValues.Of([true], []))),
            .. values.Select(value => new ImportedValue(value.GetOutput(0))),
        ];
        ITensor[] made = Array.ConvertAll(node.Model.ImportSubgraph(body, inputs), value => node.Tensor(value!));
        if (condition is not null)
        {
            condition.SetInput(1, node.Scalar(made[0]));
            loop.AddTripLimit(condition.GetOutput(0), TripLimit.While);
        }

        List<ImportedValue?> results = [];
        for (int i = 0; i < states; i++)
        {
            values[i].SetInput(1, made[i + 1]);
            results.Add(new ImportedValue(loop.AddLoopOutput(values[i].GetOutput(0), LoopOutput.LastValue).GetOutput(0)));
        }

        for (int i = states; i < made.Length - 1; i++)
        {
            results.Add(!node.WantsOutput(i) ? null
                : trips is null ? throw node.Unsupported($"Output {node.Proto.Output[i]} of Loop joins slices of all trips, whose number must then be an input; without it TensorRT cannot tell the output's extent.")
                : new ImportedValue(Joined(loop, made[i + 1], LoopOutput.Concatenate, 0, trips)));
        }

        return [.. results];
    }

    /// <summary>The limit as int32; null where there is none or where it only says that the condition ends the loop.</summary>
    private static ITensor? Trips(ImportNode node) =>
        !node.Has(0) || (node.Input(0).Constant is { } known && known.ToIntegers() is [>= int.MaxValue]) ? null : node.Cast(node.Scalar(node.Tensor(0)), DataType.Int32);

    /// <summary>Number of the trip, from 0, where the body reads it.</summary>
    private static ImportedValue? Counter(ImportNode node, ILoop loop, GraphProto body)
    {
        if (!NodeOrder.ReadsAnywhere(body, body.Input[0].Name))
        {
            return null;
        }

        IRecurrenceLayer counter = loop.AddRecurrence(node.Int64(0));
        counter.SetInput(1, node.Combine(counter.GetOutput(0), ElementWiseOperation.Sum, node.Int64(1)));
        return new ImportedValue(counter.GetOutput(0));
    }

    private static ITensor Joined(ILoop loop, ITensor slice, LoopOutput kind, int axis, ITensor trips)
    {
        ILoopOutputLayer output = loop.AddLoopOutput(slice, kind, axis);
        output.SetInput(1, trips);
        return output.GetOutput(0);
    }

    /// <summary>Inputs: initial values, then tensors that are walked through slice by slice.</summary>
    private static ImportedValue?[] Scan(ImportNode node)
    {
        if (node.Opset < 9)
        {
            throw node.Unsupported("Scan of operator set 8 walks through batches of its own; export the model with operator set 9 or newer.");
        }

        GraphProto body = node.Graph("body");
        int walked = checked((int)node.Int("num_scan_inputs"));
        int states = node.InputCount - walked;
        int joined = body.Output.Count - states;
        if (walked < 1 || states < 0 || body.Input.Count != node.InputCount || joined < 0)
        {
            throw node.Invalid($"Scan has {node.InputCount} inputs, {walked} of them scanned, but its body takes {body.Input.Count} and gives {body.Output.Count}.");
        }

        int[] Axes(string name, int count, Func<int, int> rank)
        {
            long[] given = node.Ints(name) ?? new long[count];
            return given.Length == count ? [.. given.Select((axis, i) => node.Axis(axis, rank(i)))] : throw node.Invalid($"{name} of Scan has {given.Length} numbers where {count} are needed.");
        }

        int[] inputAxes = Axes("scan_input_axes", walked, i => node.Rank(states + i));
        long[] inputDirections = node.Ints("scan_input_directions") ?? new long[walked];
        long[] outputDirections = node.Ints("scan_output_directions") ?? new long[joined];
        ITensor first = node.Tensor(states);
        ITensor trips = node.AxisLength(first, inputAxes[0]);

        ILoop loop = node.Network.AddLoop();
        loop.Name = node.Name;
        loop.AddTripLimit(trips, TripLimit.Count);
        IRecurrenceLayer[] values = [.. Enumerable.Range(0, states).Select(i => loop.AddRecurrence(node.Tensor(i)))];
        List<ImportedValue?> inputs = [.. values.Select(value => new ImportedValue(value.GetOutput(0)))];
        for (int i = 0; i < walked; i++)
        {
            inputs.Add(new ImportedValue(loop.AddIterator(node.Tensor(states + i), inputAxes[i], i < inputDirections.Length && inputDirections[i] == 1).GetOutput(0)));
        }

        ITensor[] made = Array.ConvertAll(node.Model.ImportSubgraph(body, inputs), value => node.Tensor(value!));
        int[] outputAxes = Axes("scan_output_axes", joined, i => made[states + i].Dimensions.NbDims + 1);
        List<ImportedValue?> results = [];
        for (int i = 0; i < states; i++)
        {
            values[i].SetInput(1, made[i]);
            results.Add(new ImportedValue(loop.AddLoopOutput(values[i].GetOutput(0), LoopOutput.LastValue).GetOutput(0)));
        }

        for (int i = 0; i < joined; i++)
        {
            LoopOutput kind = i < outputDirections.Length && outputDirections[i] == 1 ? LoopOutput.Reverse : LoopOutput.Concatenate;
            results.Add(new ImportedValue(Joined(loop, made[states + i], kind, outputAxes[i], trips)));
        }

        return [.. results];
    }
}

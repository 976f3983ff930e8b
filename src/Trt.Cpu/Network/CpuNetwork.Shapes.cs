using Trt.Interop;

namespace Trt.Cpu;

/// <content>Types and shapes of tensors, computed when asked for and kept until something before them changes.</content>
internal sealed partial class CpuNetwork
{
    private bool mayHaveCycle;

    /// <summary>The shape of a layer's output as users see it; unknown, with the reason in the log, where there is none.</summary>
    public Dims ShapeOf(CpuTensor tensor, string method)
    {
        if (HasCycle())
        {
            Journal.Refused(method, new CycleRefusal());
            return Dims.Unknown;
        }

        // A recurrence's shape is its first value's, but one whose next value has none is not told.
        return TryInfer(tensor.Producer!, method) && (tensor.Producer is not Layers.Recurrence { Inputs: [_, { Producer: { } next }] } || TryInfer(next, method))
            ? Extents.Visible(tensor.Facts!.Dims)
            : Dims.Unknown;
    }

    public DataType TypeOf(CpuTensor tensor, string method)
    {
        if (tensor.Producer is null)
        {
            return tensor.InputType;
        }

        if (tensor.Producer.State is LayerState.Stale)
        {
            TryInferSilently(tensor.Producer, method);
        }

        return tensor.InferredType;
    }

    /// <summary>Infers a layer and all before it.</summary>
    /// <returns>False when it has no shapes; the log says why.</returns>
    public bool TryInfer(CpuLayer layer, string method)
    {
        if (layer.State == LayerState.Shaped)
        {
            return true;
        }

        if (layer.State != LayerState.Failed)
        {
            InferAll(layer);
        }

        if (layer.State == LayerState.Shaped)
        {
            return true;
        }

        Refusal failure = layer.Failure!;
        Journal.Refused(method, failure is CycleRefusal || !failure.IsTold ? failure : Refusal.Api($"Output shape can not be computed for node {layer.Label}."));
        failure.IsTold = true;
        return false;
    }

    /// <summary>As the other one, but silent, as what follows from types and values is in TensorRT; only a cycle is told of.</summary>
    private bool TryInferSilently(CpuLayer layer, string method)
    {
        if (layer.State is not (LayerState.Shaped or LayerState.Failed))
        {
            InferAll(layer);
            if (layer.Failure is CycleRefusal cycle)
            {
                Journal.Refused(method, cycle);
            }
        }

        return layer.State == LayerState.Shaped;
    }

    /// <summary>What was inferred is forgotten from this layer on.</summary>
    public void Invalidate(CpuLayer start)
    {
        Stack<CpuLayer> work = new([start]);
        bool first = true;
        while (work.TryPop(out CpuLayer? layer))
        {
            if (layer.State == LayerState.Stale && !first)
            {
                continue;
            }

            first = false;
            layer.State = LayerState.Stale;
            layer.Failure = null;
            foreach (CpuTensor output in layer.Outputs)
            {
                output.Facts = null;
                foreach (CpuLayer consumer in output.Consumers)
                {
                    work.Push(consumer);
                }
            }

            foreach (CpuLayer dependent in layer.Dependents)
            {
                work.Push(dependent);
            }
        }
    }

    /// <summary>What was inferred from any input is forgotten: an input that was changed may share named dimensions with others.</summary>
    public void InvalidateInputs() => inputs.ForEach(Invalidate);

    /// <summary>What was inferred from an input is forgotten.</summary>
    public void Invalidate(CpuTensor input)
    {
        int index = inputs.IndexOf(input);
        input.InferredType = input.InputType;
        input.Facts = index < 0 ? new TensorFacts(Extents.Constants(input.InputDims), null) : InputFacts(input, index);
        foreach (CpuLayer consumer in input.Consumers)
        {
            Invalidate(consumer);
        }
    }

    /// <summary>What named dimensions demand of a run.</summary>
    public IEnumerable<ShapeRule> NamedDimensionRules()
    {
        for (int input = 0; input < inputs.Count; input++)
        {
            for (int axis = 0; axis < inputs[input].InputDims.NbDims; axis++)
            {
                if (inputs[input].DimensionNames[axis] is { Length: > 0 } dimension && FindNamed(dimension) is var (firstInput, firstAxis) && (firstInput, firstAxis) != (input, axis))
                {
                    yield return new ShapeRule(ShapeRuleKind.Equal, Plain(firstInput, firstAxis), Plain(input, axis),
                        $"Dimensions with name {dimension} must be equal. Condition '==' violated: {{0}} != {{1}}.");
                }
            }
        }

        DimExpr Plain(int input, int axis) => inputs[input].InputDims[axis] is >= 0 and long extent ? DimExpr.Constant(extent) : DimExpr.Extent(input, axis);
    }

    /// <summary>Which inputs have values that decide shapes, of a network whose layers all have shapes.</summary>
    public bool[] ShapeInputs()
    {
        bool[] result = new bool[inputs.Count];
        IEnumerable<DimExpr> all = layers.SelectMany(layer => layer.Outputs.SelectMany(tensor => tensor.Facts!.Dims).Concat(layer.AllRules.SelectMany(rule => (DimExpr[])[rule.Left, rule.Right])))
            .Concat(shapeOutputs.SelectMany(tensor => tensor.Facts!.Values ?? []));
        foreach (DimExpr expression in all)
        {
            for (int i = 0; i < result.Length && !expression.IsConstant; i++)
            {
                result[i] |= expression.Uses(DimOp.Value, i);
            }
        }

        return result;
    }

    /// <summary>Whether a tensor's values decide shapes.</summary>
    public bool IsShapeTensor(CpuTensor tensor)
    {
        HashSet<CpuTensor> seen = [];
        Stack<CpuTensor> work = new([tensor]);
        while (work.TryPop(out CpuTensor? next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            if (shapeOutputs.Contains(next))
            {
                return true;
            }

            foreach (CpuLayer consumer in next.Consumers)
            {
                for (int i = 0; i < consumer.Inputs.Count; i++)
                {
                    if (consumer.Inputs[i] != next || consumer.ReadsShapeOnly(i))
                    {
                        continue;
                    }

                    if (consumer.ReadsValues(i))
                    {
                        return true;
                    }

                    // Where a consumer is wrong, what it computes may have decided shapes too.
                    if (TryInferSilently(consumer, "ITensor::isShapeTensor") || consumer.Failure is not CycleRefusal)
                    {
                        foreach (CpuTensor output in consumer.Outputs.Where(output => consumer.State == LayerState.Failed || output.Facts is { Values: not null } or { Reals: not null }))
                        {
                            work.Push(output);
                        }
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Whether a tensor's values are computed in a run for something other than shapes.</summary>
    public bool IsExecutionTensor(CpuTensor tensor)
    {
        HashSet<CpuTensor> seen = [];
        Stack<CpuTensor> work = new([tensor]);
        while (work.TryPop(out CpuTensor? next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            if (outputs.Contains(next))
            {
                return next == tensor || !IsInCycle(next.Producer!, "ITensor::isExecutionTensor");
            }

            foreach (CpuLayer consumer in next.Consumers)
            {
                // What decides about a loop or a branch is computed whether or not its results are asked for.
                if (consumer.Type is LayerType.TripLimit or LayerType.Condition)
                {
                    return true;
                }

                for (int i = 0; i < consumer.Inputs.Count; i++)
                {
                    if (consumer.Inputs[i] == next && !consumer.ReadsValues(i) && !consumer.ReadsShapeOnly(i))
                    {
                        foreach (CpuTensor output in consumer.Outputs.Concat(consumer.Dependents.SelectMany(dependent => dependent.Outputs)))
                        {
                            work.Push(output);
                        }
                    }
                }
            }
        }

        return false;
    }

    /// <summary>Said when an input is set to something that may come after the layer, without which there are no cycles.</summary>
    public void MayHaveCycle() => mayHaveCycle = true;

    /// <summary>Whether any layers depend on their own outputs: then no tensor has a shape.</summary>
    private bool HasCycle()
    {
        if (!mayHaveCycle)
        {
            return false;
        }

        foreach (CpuLayer layer in layers)
        {
            if (layer.State == LayerState.Stale)
            {
                InferAll(layer);
            }

            if (layer.Failure is CycleRefusal)
            {
                return true;
            }
        }

        return mayHaveCycle = false;
    }

    private bool IsInCycle(CpuLayer layer, string method)
    {
        if (layer.State == LayerState.Stale)
        {
            InferAll(layer);
        }

        if (layer.Failure is not CycleRefusal cycle)
        {
            return false;
        }

        Journal.Refused(method, cycle);
        return true;
    }

    private static void InferAll(CpuLayer target)
    {
        // Depth first with a stack of its own: networks may be thousands of layers deep.
        Stack<CpuLayer> path = new([target]);
        target.State = LayerState.Visiting;
        while (path.TryPeek(out CpuLayer? layer))
        {
            CpuLayer? before = null;
            foreach (CpuTensor? input in layer.InferredFrom)
            {
                if (input?.Producer is { State: LayerState.Stale } stale)
                {
                    before = stale;
                    break;
                }
            }

            if (before is not null)
            {
                before.State = LayerState.Visiting;
                path.Push(before);
                continue;
            }

            path.Pop();
            InferOne(layer);
        }
    }

    private static void InferOne(CpuLayer layer)
    {
        foreach (CpuTensor? input in layer.InferredFrom)
        {
            if (input?.Producer is { State: LayerState.Visiting })
            {
                Fail(layer, new CycleRefusal(), Types.None);
                return;
            }
        }

        for (int i = 0; i < layer.Outputs.Count; i++)
        {
            layer.Outputs[i].InferredType = layer.ResolveType(i);
        }

        if (layer.InferredFrom.FirstOrDefault(input => input?.Producer is { State: LayerState.Failed }) is { } failed)
        {
            layer.Failure = failed.Producer!.Failure;
            layer.State = LayerState.Failed;
            return;
        }

        Inference context = new(layer);
        try
        {
            layer.Infer(context);
            foreach (CpuTensor output in layer.Outputs)
            {
                int axis = Array.FindIndex(output.Facts!.Dims, dim => dim is { IsConstant: true, Number: < 0 });
                if (axis >= 0)
                {
                    throw Refusal.Api($"Tensor {output} has the negative extent {output.Facts.Dims[axis].Number} on axis {axis}.");
                }
            }

            layer.Rules = context.Rules;
            layer.Objection = context.Objection;
            layer.State = LayerState.Shaped;
        }
        catch (Refusal refusal)
        {
            Fail(layer, refusal, null);
        }
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
        {
            Fail(layer, Refusal.Shape($"{layer.Label}: the shape needs numbers of more than 64 bits, or divides by an extent of 0."), null);
        }
    }

    private static void Fail(CpuLayer layer, Refusal refusal, DataType? type)
    {
        layer.State = LayerState.Failed;
        layer.Failure = refusal;
        foreach (CpuTensor output in layer.Outputs)
        {
            output.Facts = null;
            output.InferredType = type ?? output.InferredType;
        }
    }

    private TensorFacts InputFacts(CpuTensor input, int index)
    {
        DimExpr[] dims = new DimExpr[input.InputDims.NbDims];
        for (int axis = 0; axis < dims.Length; axis++)
        {
            long extent = input.InputDims[axis];
            (int namedInput, int namedAxis) = input.DimensionNames[axis] is { Length: > 0 } dimension ? FindNamed(dimension) ?? (index, axis) : (index, axis);
            long known = extent >= 0 ? extent : inputs.Count > namedInput ? inputs[namedInput].InputDims[namedAxis] : -1;
            dims[axis] = known >= 0 ? DimExpr.Constant(known) : DimExpr.Extent(namedInput, namedAxis);
        }

        DimExpr[]? values = null;
        if (Types.IsInteger(input.InputType) && input.InputDims.IsStatic && input.InputDims.Volume <= TensorFacts.MostValues)
        {
            values = new DimExpr[input.InputDims.Volume];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = DimExpr.Value(index, i);
            }
        }

        return new TensorFacts(dims, values);
    }

    /// <summary>The dimension that stands for all of a name: one whose extent is known, else the first.</summary>
    private (int Input, int Axis)? FindNamed(string dimension)
    {
        (int Input, int Axis)? first = null;
        for (int input = 0; input < inputs.Count; input++)
        {
            for (int axis = 0; axis < inputs[input].InputDims.NbDims; axis++)
            {
                if (inputs[input].DimensionNames[axis] == dimension)
                {
                    if (inputs[input].InputDims[axis] >= 0)
                    {
                        return (input, axis);
                    }

                    first ??= (input, axis);
                }
            }
        }

        return first;
    }
}

using Trt.Cpu.Layers;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Cpu;

/// <content>Loops and conditionals as ONNX's Loop and If.</content>
internal sealed partial class Lowering
{
    /// <summary>Writes a loop and says what its outputs are.</summary>
    public void WriteLoop(CpuLoop loop)
    {
        Enter(loop);
        Recurrence[] states = [.. loop.Recurrences.Where(flow.IsNeeded)];
        LoopResult[] stacks = [.. loop.Results.Where(result => flow.IsNeeded(result) && result.LoopOutput != LoopOutput.LastValue)];
        OnnxValue[] start = [.. states.Select(state => StateOf(state, 0))];
        OnnxValue count = loop.Count is { } limit ? Cast(Value(limit.RequiredInput(0)), DataType.Int64) : OnnxValue.None;
        OnnxValue first = loop.Condition is null ? OnnxValue.None : Condition(loop, states, start);
        GraphProto body = Body(loop, states, stacks, count);

        NodeProto node = Append("Loop", [count, first, .. start], [new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = body }]);
        OnnxValue[] last = [.. states.Select(state => new OnnxValue(Name(), state.Outputs[0].InferredType))];
        OnnxValue[] stacked = [.. stacks.Select(stack => new OnnxValue(Name(), stack.Outputs[0].InferredType))];
        node.Output.AddRange(last.Concat(stacked).Select(value => value.Name));
        foreach (LoopResult result in loop.Results.Where(flow.IsNeeded))
        {
            int stack = Array.IndexOf(stacks, result);
            OnnxValue value = stack < 0 ? last[Array.IndexOf(states, result.RequiredInput(0).Producer)] : Laid(result, stacked[stack]);
            scopes[current].Values[result.Outputs[0]] = Cast(value, result.Outputs[0].InferredType);
        }

        open.Remove(loop);
    }

    /// <summary>The index of the current iteration of a loop; counted down when an extent is given, from the count if there is one.</summary>
    public OnnxValue Iteration(CpuLoop loop, DimExpr? downFrom)
    {
        GraphScope scope = scopes[..(current + 1)].FindLast(scope => scope.Owner == loop)!;
        if (downFrom is null)
        {
            return scope.Iteration;
        }

        OnnxValue count = scope.Count.Name.Length > 0 ? scope.Count : Node("Squeeze", DataType.Int64, [Number(downFrom)]);
        return Node("Sub", DataType.Int64, [Node("Sub", DataType.Int64, [count, Number(1, DataType.Int64)]), scope.Iteration]);
    }

    /// <summary>Writes a conditional and says what its outputs are.</summary>
    public void WriteConditional(CpuConditional conditional)
    {
        Enter(conditional);
        ConditionalResult[] results = [.. conditional.Results.Where(flow.IsNeeded)];
        OnnxValue condition = Value(conditional.Condition!.RequiredInput(0));
        NodeProto node = Append("If", [condition],
        [
            new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch(conditional, results, 0) },
            new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = Branch(conditional, results, 1) },
        ]);
        foreach (ConditionalResult result in results)
        {
            OnnxValue value = new(Name(), result.Outputs[0].InferredType);
            node.Output.Add(value.Name);
            scopes[current].Values[result.Outputs[0]] = value;
        }

        open.Remove(conditional);
    }

    private void Enter(ControlScope scope)
    {
        if (!open.Add(scope))
        {
            throw Refusal.Api($"{scope.Label} reads its own outputs.");
        }
    }

    private GraphProto Branch(CpuConditional conditional, ConditionalResult[] results, int input)
    {
        GraphProto branch = new() { Name = $"{conditional.Label} {(input == 0 ? "true" : "false")}" };
        Within(new GraphScope(branch, conditional), () =>
        {
            foreach (ConditionalResult result in results)
            {
                Yield(branch, Cast(Value(result.RequiredInput(input)), result.Outputs[0].InferredType));
            }
        });
        return branch;
    }

    private GraphProto Body(CpuLoop loop, Recurrence[] states, LoopResult[] stacks, OnnxValue count)
    {
        GraphProto body = new() { Name = loop.Label };
        GraphScope scope = new(body, loop) { Iteration = new OnnxValue(Name(), DataType.Int64), Count = count };
        OnnxValue goesOn = new(Name(), DataType.Bool);
        body.Input.Add(Declaration(scope.Iteration, new Dims()));
        body.Input.Add(Declaration(goesOn, new Dims()));
        foreach (Recurrence state in states)
        {
            CpuTensor tensor = state.Outputs[0];
            scope.Values[tensor] = new OnnxValue(Name(), tensor.InferredType);
            body.Input.Add(Declaration(scope.Values[tensor], Extents.Visible(tensor.Facts!.Dims)));
        }

        Within(scope, () =>
        {
            OnnxValue[] next = [.. states.Select(state => StateOf(state, 1))];
            Yield(body, loop.Condition is null ? goesOn : Condition(loop, states, next));
            foreach (OnnxValue value in next)
            {
                Yield(body, value);
            }

            foreach (LoopResult stack in stacks)
            {
                Yield(body, Cast(Value(stack.RequiredInput(0)), stack.Outputs[0].InferredType));
            }
        });
        return body;
    }

    private OnnxValue StateOf(Recurrence state, int input) => Cast(Value(state.RequiredInput(input)), state.Outputs[0].InferredType);

    /// <summary>A loop's condition, as it is for given values of its recurrences.</summary>
    private OnnxValue Condition(CpuLoop loop, Recurrence[] states, OnnxValue[] values)
    {
        GraphScope scope = new(scopes[current].Graph, loop) { Replays = true };
        for (int i = 0; i < states.Length; i++)
        {
            scope.Values[states[i].Outputs[0]] = values[i];
        }

        OnnxValue condition = default;
        Within(scope, () => condition = Value(loop.Condition!.RequiredInput(0)));
        return condition;
    }

    /// <summary>Values of all iterations, stacked along axis 0, as an output wants them: of the length that it has, in its order, along its axis.</summary>
    private OnnxValue Laid(LoopResult result, OnnxValue stack)
    {
        OnnxValue length = Node("Reshape", DataType.Int64, [Cast(Value(result.RequiredInput(1)), DataType.Int64), Integers(1)]);
        if (result.Owner.Condition is not null || result.RequiredInput(1) != result.Owner.Count?.RequiredInput(0))
        {
            stack = OfLength(result, stack, length);
        }

        if (result.LoopOutput == LoopOutput.Reverse)
        {
            stack = Node("Slice", stack.Type, [stack, Integers(-1), Integers(long.MinValue), Integers(0), Integers(-1)]);
        }

        int rank = result.RequiredInput(0).Facts!.Dims.Length;
        long[] order = [.. Enumerable.Range(1, result.Axis), 0, .. Enumerable.Range(result.Axis + 1, rank - result.Axis)];
        return result.Axis == 0 ? stack : Node("Transpose", stack.Type, [stack], Attr.Ints("perm", order));
    }

    /// <summary>Iterations beyond the length are left out; those that a condition kept from running leave zeros.</summary>
    private OnnxValue OfLength(LoopResult result, OnnxValue stack, OnnxValue length)
    {
        OnnxValue trips = Node("Shape", DataType.Int64, [stack], Attr.Int("start", 0), Attr.Int("end", 1));
        DimExpr[] dims = result.RequiredInput(0).Facts!.Dims;
        OnnxValue rest = dims.Any(dim => dim.HasUnknown) ? Node("Shape", DataType.Int64, [stack], Attr.Int("start", 1)) : Shape(dims);

        // A loop that never ran may give any shape without elements.
        stack = Node("Reshape", stack.Type, [stack, Node("Concat", DataType.Int64, [trips, rest], Attr.Int("axis", 0))], Attr.Int("allowzero", 1));
        stack = Node("Slice", stack.Type, [stack, Integers(0), length, Integers(0)]);
        OnnxValue missing = Node("Max", DataType.Int64, [Node("Sub", DataType.Int64, [length, trips]), Integers(0)]);
        OnnxValue zeros = Node("Expand", stack.Type, [Number(0, stack.Type), Node("Concat", DataType.Int64, [missing, rest], Attr.Int("axis", 0))]);
        return Node("Concat", stack.Type, [stack, zeros], Attr.Int("axis", 0));
    }
}

using Trt.Cpu.Layers;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>What a build refuses of loops and conditionals.</content>
internal sealed partial class ControlFlow
{
    /// <summary>Checks that loops and conditionals are complete and that nothing leaves them but through their outputs.</summary>
    /// <exception cref="Refusal">Something is wrong.</exception>
    public void Check()
    {
        foreach (CpuConditional conditional in network.Conditionals)
        {
            if (conditional.Condition is null)
            {
                throw Refusal.Api($"{conditional.Label}: a conditional needs a condition; call setCondition.");
            }
        }

        foreach (CpuLoop loop in network.Loops)
        {
            CheckLimits(loop);
        }

        foreach (CpuTensor output in outputs)
        {
            if (scopes.TryGetValue(output.Producer!, out HashSet<ControlScope>? around) && around.Count > 0)
            {
                throw Refusal.Api($"Network output {output} is not allowed to be in a loop or a branch of a conditional. It is in {around.First().Label}.");
            }
        }

        foreach (CpuLoop loop in network.Loops)
        {
            CheckInputs(loop);
            CheckCondition(loop);
            CheckKinds(loop);
        }

        foreach (CpuConditional conditional in network.Conditionals)
        {
            CheckBranches(conditional);
        }
    }

    private static void CheckLimits(CpuLoop loop)
    {
        if (loop.Limits.Count == 0)
        {
            throw Refusal.Api($"Loop {loop.Label} is missing a trip limit.");
        }

        if (loop.Limits.CountBy(limit => limit.TripLimit).FirstOrDefault(kind => kind.Value > 1) is { Value: > 1 } several)
        {
            throw Refusal.Api($"Loop {loop.Label} has {several.Value} trip limits of kind {several.Key.ToString().ToUpperInvariant()}; one is allowed.");
        }
    }

    private void CheckInputs(CpuLoop loop)
    {
        List<(CpuLayer Layer, int Input, string What)> fromOutside =
        [
            .. loop.Recurrences.Select(layer => ((CpuLayer)layer, 0, "the first value of a recurrence")),
            .. loop.Iterators.Select(layer => ((CpuLayer)layer, 0, "the tensor of an iterator")),
            .. loop.Limits.Where(limit => limit.TripLimit == TripLimit.Count).Select(layer => ((CpuLayer)layer, 0, "a trip count")),
            .. loop.Results.Select(layer => ((CpuLayer)layer, 1, "the length of a loop output")),
        ];
        foreach ((CpuLayer layer, int input, string what) in fromOutside)
        {
            if (layer.InputAt(input)?.Producer is { } producer && IsIn(producer, loop))
            {
                throw Refusal.Api($"{layer.Label}: {what} must come from outside of the loop {loop.Label}.");
            }
        }
    }

    /// <summary>A condition is asked before an iteration, so that it follows from nothing in the loop but its recurrences.</summary>
    private void CheckCondition(CpuLoop loop)
    {
        if (loop.Condition?.InputAt(0) is not { } tensor)
        {
            return;
        }

        HashSet<CpuLayer> inside = tensor.Producer is { } start && IsIn(start, loop)
            ? Reachable([start], layer => IsIn(layer, loop) && layer is not LoopBoundary ? Reads(layer) : [])
            : throw Refusal.Internal($"the condition of loop {loop.Label} does not depend on what the loop computes.");
        if (inside.Any(layer => IsIn(layer, loop) && layer is LoopBoundary and not Recurrence))
        {
            throw Refusal.Internal($"the condition of loop {loop.Label} depends on an iterator or an inner loop; it may depend on the loop's recurrences only.");
        }
    }

    /// <summary>What TensorRT's compiler cannot lay out: outputs along other axes than the first, or backwards, of a loop that walks over no tensor.</summary>
    private void CheckKinds(CpuLoop loop)
    {
        if (loop.Results.Find(result => IsNeeded(result) && (result.LoopOutput == LoopOutput.Reverse || (result.LoopOutput == LoopOutput.Concatenate && result.Axis > 0))) is { } odd
            && !loop.Iterators.Exists(IsNeeded))
        {
            throw new Refusal(ErrorCode.UnspecifiedError, "Myelin", $"{odd.Label}: a loop output that is reversed, or concatenated along an axis other than 0, needs an iterator in its loop.");
        }
    }

    private void CheckBranches(CpuConditional conditional)
    {
        HashSet<CpuLayer>[] branches = [Branch(0), Branch(1)];
        if (branches[0].FirstOrDefault(branches[1].Contains) is { } shared)
        {
            throw Refusal.Api($"Tensor {shared.Outputs[0]} exists in multiple control-flow scopes: both branches of {conditional.Label} use it.");
        }

        HashSet<CpuLayer> Branch(int input) => [.. Reachable(conditional.Results.Select(result => result.InputAt(input)?.Producer), layer => IsIn(layer, conditional) ? Reads(layer) : [])
            .Where(layer => IsIn(layer, conditional) && layer is not ConditionalInput)];
    }
}

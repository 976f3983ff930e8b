using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>Looks for the layers that have to stay in 32 bits.</summary>
internal sealed class PrecisionSearch(PrecisionTrial trial, RunnerChoice choice, Session session, int mostBuilds)
{
    private TensorComparison? latest;
    private bool wasEnded;

    /// <summary>Searches.</summary>
    /// <param name="mode"><c>minimal</c>, <c>bisect</c> or <c>linear</c>.</param>
    /// <param name="isReverse">Whether layers count from the outputs.</param>
    /// <exception cref="UserError">Not even 32 bits are enough.</exception>
    public PrecisionAnswer Find(string mode, bool isReverse)
    {
        TensorComparison full = trial.Full();
        if (!full.Passed)
        {
            throw new UserError($"In 32 bits throughout, an output {full.Reason}. So precision is not what is wrong; \"trt compare --layers\" finds what is.");
        }

        TensorComparison narrow = trial.With([]);
        if (narrow.Passed)
        {
            return new PrecisionAnswer(trial, choice, [], narrow, narrow, full, false);
        }

        TensorComparison all = trial.With(trial.Layers);
        if (!all.Passed)
        {
            throw new UserError($"With all {trial.Layers.Count} layers in 32 bits, an output still {all.Reason}: what this library does in {choice.Precision} beside them cannot be kept out by layers.");
        }

        string[] layers = isReverse ? [.. trial.Layers.Reverse()] : [.. trial.Layers];
        IReadOnlyList<string> kept = mode switch
        {
            "bisect" => [.. layers.Take(MinimalSubset.Prefix(layers.Length, count => IsEnough([.. layers.Take(count)])))],
            "linear" => Linear(layers),
            _ => MinimalSubset.Find(layers, IsEnough),
        };
        return new PrecisionAnswer(trial, choice, [.. trial.Layers.Where(kept.Contains)], narrow, latest ?? all, full, wasEnded);
    }

    /// <summary>Leaves out layer after layer, those at the end first, so that what is left is near the beginning.</summary>
    private List<string> Linear(string[] layers)
    {
        List<string> kept = [.. layers];
        foreach (string layer in layers.Reverse())
        {
            if (IsEnough([.. kept.Where(other => other != layer)]))
            {
                kept.Remove(layer);
            }
        }

        return kept;
    }

    private bool IsEnough(IReadOnlyList<string> layers)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        if (trial.Builds >= mostBuilds)
        {
            wasEnded = true; // what is known to be enough stays
            return false;
        }

        TensorComparison comparison;
        try
        {
            comparison = trial.With(layers);
        }
        catch (Exception error) when (BuildCheck.IsRefusal(error))
        {
            // A builder may find no kernels for a mixture; then this is not a way.
            Say(layers.Count, $"cannot be built: {error.Message}");
            return false;
        }

        Say(layers.Count, comparison.Passed ? "is enough" : "is not enough");
        latest = comparison.Passed ? comparison : latest;
        return comparison.Passed;
    }

    private void Say(int layers, string what)
    {
        if (session.Verbose)
        {
            session.Error.WriteLine($"build {trial.Builds}: {layers} of {trial.Layers.Count} layers in 32 bits {what}");
        }
    }
}

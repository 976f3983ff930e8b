using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Trt.Lite;

/// <content>Calls that keep no thread waiting for the device. Samples are prepared on the calling thread.</content>
public sealed partial class Engine
{
    /// <summary>Runs one sample, one batch, or a list of either, and gives the results in the same form.</summary>
    /// <typeparam name="TResult">What comes back, see <see cref="Infer{TResult}(Input)"/>.</typeparam>
    /// <param name="input">See <see cref="Infer{TResult}(Input)"/>; not to be changed until the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    [OverloadResolutionPriority(1)]
    public async Task<TResult> InferAsync<TResult>(Input input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return (await RunAsync(input, all: false, cancellationToken).ConfigureAwait(false))[0].Get<TResult>();
    }

    /// <summary>Runs a list of samples or of batches, or a dictionary by the inputs' names.</summary>
    /// <typeparam name="TResult">What comes back, see <see cref="Infer{TResult}(IEnumerable)"/>.</typeparam>
    /// <param name="samples">See <see cref="Infer{TResult}(IEnumerable)"/>; not to be changed until the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public async Task<TResult> InferAsync<TResult>(IEnumerable samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return (await RunAsync(samples, all: false, cancellationToken).ConfigureAwait(false))[0].Get<TResult>();
    }

    /// <summary>Runs a model of several inputs, given in the model's order.</summary>
    /// <typeparam name="TResult">What comes back.</typeparam>
    /// <param name="inputs">A tuple, such as <c>(image, tokens)</c>.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public async Task<TResult> InferAsync<TResult>(ITuple inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return (await RunAsync(inputs, all: false, cancellationToken).ConfigureAwait(false))[0].Get<TResult>();
    }

    /// <summary>Runs one sample, one batch, or a list of either, and gives the results of all outputs.</summary>
    /// <param name="input">See <see cref="Infer{TResult}(Input)"/>; not to be changed until the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    [OverloadResolutionPriority(1)]
    public async Task<Outputs> InferAsync(Input input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Outputs(await RunAsync(input, all: true, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Runs a list of samples or of batches, or a dictionary by the inputs' names, and gives the results of all outputs.</summary>
    /// <param name="samples">See <see cref="Infer{TResult}(IEnumerable)"/>; not to be changed until the task is done.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public async Task<Outputs> InferAsync(IEnumerable samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new Outputs(await RunAsync(samples, all: true, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Runs a model of several inputs, given in the model's order, and gives the results of all outputs.</summary>
    /// <param name="inputs">A tuple, such as <c>(image, tokens)</c>.</param>
    /// <param name="cancellationToken">Ends the waiting for a context, and stops between two runs.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public async Task<Outputs> InferAsync(ITuple inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new Outputs(await RunAsync(inputs, all: true, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<OutputCollector[]> RunAsync(object given, bool all, CancellationToken cancellationToken)
    {
        using Use use = new(this);
        long start = Stopwatch.GetTimestamp();
        using Activity? activity = LiteTelemetry.Start("trt.infer", Name);
        CallWork work = Prepare(given, all, out OutputCollector[] collectors);
        if (work.Count > 0)
        {
            Lane lane = lanes.Take();
            try
            {
                await lane.ProcessAsync(work, Runner, runsHere: false, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                lanes.Return(lane);
            }
        }

        clock.Add(Stage.Total, start);
        return collectors;
    }
}

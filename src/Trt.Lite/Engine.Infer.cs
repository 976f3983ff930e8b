using System.Collections;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <content>Calls that wait for their results.</content>
public sealed partial class Engine
{
    /// <summary>Runs one sample, one batch, or a list of either, and gives the results in the same form.</summary>
    /// <typeparam name="TResult">
    /// What comes back. For one sample: what the post-processor makes, or without one a number, an array of any rank, or a <see cref="System.Numerics.Tensors.Tensor{T}"/>. For a batch: an array of what the
    /// post-processor makes, or an array or tensor with the batch as first axis. For a list: an array or read-only list of what comes back for an item.
    /// </typeparam>
    /// <param name="input">
    /// Numbers (an array of any rank, memory, a tensor, a single number), a picture (an <see cref="Image"/> or a file's path), memory of the device, or what the input's pre-processor takes. Numbers of the shape that the
    /// model has without batch are one sample, with one axis more a batch; without a shape of their own (memory, flat arrays) they are as many samples as they are enough for. Lists are split at the engine's greatest batch and joined again.
    /// </param>
    /// <exception cref="ArgumentException">A wrong shape or type; the message names the input, what was given and what was expected.</exception>
    /// <exception cref="InvalidCastException">The results are something else than what was asked for; the message says what.</exception>
    /// <exception cref="InvalidOperationException">The engine has several results, and it is not clear which is meant: take <see cref="Infer(Input)"/>.</exception>
    /// <exception cref="SampleException">A sample of several could not be used; the message names it.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    [OverloadResolutionPriority(1)]
    public TResult Infer<TResult>(Input input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Run(input, all: false)[0].Get<TResult>();
    }

    /// <summary>Runs a list of samples or of batches; or a dictionary, which names the inputs. See <see cref="Infer{TResult}(Input)"/>.</summary>
    /// <typeparam name="TResult">What comes back: for a list an array or read-only list; for a dictionary what comes back for what is in it.</typeparam>
    /// <param name="samples">A list of anything that an input can be given; a dictionary by the inputs' names; or a list of dictionaries or tuples.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public TResult Infer<TResult>(IEnumerable samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return Run(samples, all: false)[0].Get<TResult>();
    }

    /// <summary>Runs a model of several inputs, given in the model's order. See <see cref="Infer{TResult}(Input)"/>.</summary>
    /// <typeparam name="TResult">What comes back.</typeparam>
    /// <param name="inputs">A tuple, such as <c>(image, tokens)</c>.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public TResult Infer<TResult>(ITuple inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Run(inputs, all: false)[0].Get<TResult>();
    }

    /// <summary>Runs numbers that have no shape of their own: as many samples as they are enough for, or a shape that is said. They are copied.</summary>
    /// <typeparam name="T">The numbers' type.</typeparam>
    /// <typeparam name="TResult">What comes back, see <see cref="Infer{TResult}(Input)"/>.</typeparam>
    /// <param name="values">The numbers, last axis fastest.</param>
    /// <param name="shape">Their shape with or without batch; null: the model's.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public TResult Infer<T, TResult>(ReadOnlySpan<T> values, Dims? shape = null)
        where T : unmanaged => Infer<TResult>(Input.Of<T>(values.ToArray(), shape));

    /// <summary>Runs one sample, one batch, or a list of either, and gives the results of all outputs.</summary>
    /// <param name="input">See <see cref="Infer{TResult}(Input)"/>.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    [OverloadResolutionPriority(1)]
    public Outputs Infer(Input input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new Outputs(Run(input, all: true));
    }

    /// <summary>Runs a list of samples or of batches, or a dictionary by the inputs' names, and gives the results of all outputs.</summary>
    /// <param name="samples">See <see cref="Infer{TResult}(IEnumerable)"/>.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public Outputs Infer(IEnumerable samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new Outputs(Run(samples, all: true));
    }

    /// <summary>Runs a model of several inputs, given in the model's order, and gives the results of all outputs.</summary>
    /// <param name="inputs">A tuple, such as <c>(image, tokens)</c>.</param>
    /// <inheritdoc cref="Infer{TResult}(Input)" path="/exception"/>
    public Outputs Infer(ITuple inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return new Outputs(Run(inputs, all: true));
    }

    private OutputCollector[] Run(object given, bool all)
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
                lane.Process(work, Runner);
            }
            finally
            {
                lanes.Return(lane);
            }
        }

        clock.Add(Stage.Total, start);
        return collectors;
    }

    private CallWork Prepare(object given, bool all, out OutputCollector[] collectors)
    {
        collectors = processors.Collectors(all);
        GivenInput[] read = inputs.Read(given);
        foreach (OutputCollector collector in collectors)
        {
            collector.Begin(read[0].Form);
        }

        return new CallWork(read, processors.Readers, collectors, layout, options.Convert, clock);
    }
}

namespace Trt.Lite;

/// <summary>What a pipeline does with a sample before and after its run.</summary>
internal sealed class PipelineStages<TResult>
{
    private readonly InputSet inputs;
    private readonly Processors processors;
    private readonly StageClock clock;
    private readonly bool convert;
    private readonly bool all = typeof(TResult) == typeof(Outputs);
    private readonly int[] chosen = [];
    private readonly Postprocessor<TResult>? postprocessor;

    /// <exception cref="InvalidOperationException">It is not clear which of several results is meant.</exception>
    /// <exception cref="InvalidCastException">No sample's result can be what is asked for.</exception>
    public PipelineStages(InputSet inputs, Processors processors, StageClock clock, bool convert)
    {
        (this.inputs, this.processors, this.clock, this.convert) = (inputs, processors, clock, convert);
        if (!all)
        {
            (chosen, Postprocessor? post) = processors.MainResult();
            postprocessor = post as Postprocessor<TResult>;
            bool isPossible = post is null ? RawReader<TResult>.Instance is not null : typeof(TResult).IsAssignableFrom(post.ResultType) || post.ResultType.IsAssignableFrom(typeof(TResult));
            if (!isPossible)
            {
                throw processors.Collectors(all: false)[0].Refusal(typeof(TResult));
            }
        }
    }

    /// <summary>Sorts a sample's parts by inputs.</summary>
    /// <exception cref="ArgumentException">It is no single sample.</exception>
    public GivenInput[] Read(object sample)
    {
        GivenInput[] given = inputs.Read(sample);
        if (given[0].Form.Kind != GivenKind.Sample)
        {
            throw new ArgumentException($"This is {given[0].Form}: a pipeline is given samples one by one, and makes batches itself.");
        }

        foreach (GivenInput input in given)
        {
            if (input.Items[0] is DeviceItem)
            {
                throw new ArgumentException("A pipeline copies samples into batches, which memory of the device is not: use Infer.");
            }
        }

        return given;
    }

    public PreparedInput Prepare(GivenInput[] given, int input) => processors.Readers[input].Prepare(given[input].Items[0], 0, convert);

    public TResult Collect(RunOutputs outputs, int row, ImagePlacement? placement)
    {
        if (postprocessor is not null)
        {
            return postprocessor.Apply(new SampleOutputs(outputs, chosen, row, placement));
        }

        OutputCollector[] collectors = processors.Collectors(all);
        foreach (OutputCollector collector in collectors)
        {
            collector.Begin(GivenForm.OneSample);
            collector.Add(0, outputs, row, placement);
        }

        return all ? (TResult)(object)new Outputs(collectors) : collectors[0].Get<TResult>();
    }

    public void CountFailure() => clock.CountFailure();
}

using System.Runtime.ExceptionServices;

namespace Trt.Lite;

/// <summary>The samples of one call.</summary>
internal sealed class CallWork(GivenInput[] inputs, InputReader[] readers, OutputCollector[] collectors, ModelLayout layout, bool convert, StageClock clock) : ISampleWork
{
    private readonly GivenForm form = inputs[0].Form;
    private readonly HashSet<int> starts = inputs[0].Form.Kind is GivenKind.Batch or GivenKind.Batches && (!layout.IsSeparable || inputs.Any(input => input.Items.Any(item => item is DeviceItem))) ? StartsOf(inputs[0].Form) : [];

    public int Count => form.Count;

    public PreparedInput Prepare(int sample, int input) => readers[input].Prepare(inputs[input].Items[sample], inputs[input].IndexOf(sample), convert);

    public DeviceItem? OnDevice(int sample, int input) => inputs[input].Items[sample] as DeviceItem;

    public int Together(int sample)
    {
        if (!starts.Contains(sample))
        {
            return 0;
        }

        int at = 0;
        foreach (int size in form.Sizes)
        {
            if (at == sample && size > 0)
            {
                return size;
            }

            at += size;
        }

        return 0;
    }

    public void Collect(int sample, RunOutputs outputs, int row, ImagePlacement? placement)
    {
        foreach (OutputCollector collector in collectors)
        {
            collector.Add(sample, outputs, row, placement);
        }
    }

    public void Fail(int sample, Exception reason)
    {
        clock.CountFailure();
        if (form.Count == 1 && form.Kind is GivenKind.Sample or GivenKind.Batch)
        {
            ExceptionDispatchInfo.Throw(reason);
        }

        throw new SampleException(sample, SampleException.NameOf(inputs[0].Items[sample]), reason);
    }

    private static HashSet<int> StartsOf(GivenForm form)
    {
        HashSet<int> starts = [];
        int at = 0;
        foreach (int size in form.Sizes)
        {
            if (size > 0)
            {
                starts.Add(at);
            }

            at += size;
        }

        return starts;
    }
}

using Trt.Interop;

namespace Trt.Cli.Commands;

/// <summary>Outputs that were saved before, by this tool or another one.</summary>
internal sealed class SavedRunner(string name, SampleFile file) : ComparedRunner(name, "saved outputs")
{
    public override void Dispose()
    {
    }

    protected override IReadOnlyDictionary<string, OnnxTensor> Compute(int sample, IReadOnlyDictionary<string, OnnxTensor> inputs, CancellationToken cancellation) => file.Sample(sample);
}

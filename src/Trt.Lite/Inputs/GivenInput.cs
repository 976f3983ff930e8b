namespace Trt.Lite;

/// <summary>What was given for one input, sample by sample.</summary>
/// <param name="Form">Sample, batch, or a list of either.</param>
/// <param name="Items">One a sample, or one for several: numbers (<see cref="ValuesItem"/>), device memory (<see cref="DeviceItem"/>), or what the pre-processor works on.</param>
/// <param name="Indexes">Which sample of its item each is; empty: every item is one sample.</param>
internal sealed record GivenInput(GivenForm Form, object[] Items, int[] Indexes)
{
    public int IndexOf(int sample) => Indexes.Length == 0 ? 0 : Indexes[sample];
}

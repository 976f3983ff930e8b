namespace Trt.Generator.Emit;

/// <summary>Everything of the ABI probe: the header, the C++ objects and callers, their C# counterparts, and the list of slots.</summary>
internal sealed class ProbeEmitter(ApiUnion union, IReadOnlyList<ClassPlan> plans, Codecs codecs)
{
    public void AddTo(IDictionary<string, string> files)
    {
        ProbeKinds kinds = new(codecs);
        files["native/trt_abi.hpp"] = new ProbeHeaderEmitter(union).Emit();
        new ProbeSourceEmitter(union, plans, kinds).AddTo(files);
        new ProbeTestEmitter(union, plans, kinds).AddTo(files);
        new ProbeSlotEmitter(union).AddTo(files);
    }
}

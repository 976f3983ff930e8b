using Trt.Generator.Emit;
using Trt.Generator.Model;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Generator.Tests;

/// <summary>Slots of the models against what compilers and their rules say.</summary>
public sealed class ProbeSlotTests(ITestOutputHelper output)
{
    public static TheoryData<string> Models => [.. ExtractedModels.TensorRtReleases.Select(release => "tensorrt-" + release), "tensorrt-rtx-1.3", "tensorrt-rtx-1.4", "tensorrt-rtx-1.5", "tensorrt-rtx-1.6"];

    /// <summary>tests/goldens/slots holds what native/abi_probe's trt_abi_slots printed when it was compiled (GCC 12, x86-64 Linux) against NVIDIA's own headers.</summary>
    [Theory]
    [InlineData("tensorrt-8.6.1", 771)]
    [InlineData("tensorrt-10.16", 912)]
    [InlineData("tensorrt-11.1", 849)]
    [InlineData("tensorrt-rtx-1.6", 862)]
    public void SlotsAreThoseThatACompilerGaveNvidiasClasses(string name, int methods)
    {
        ApiModel model = ExtractedModels.Load(name);
        string golden = Path.Combine(ExtractedModels.Folder, "..", "..", "tests", "goldens", "slots", name.Replace('-', '_').Replace('.', '_') + ".txt");
        string[] printed = File.ReadAllLines(golden);
        string[] known = [.. model.Classes.SelectMany(item => ProbeCpp.OwnVirtuals(item).Select(method => $"{ProbeSlotEmitter.Signature(item, method)} {method.Linux}"))];
        output.WriteLine($"{name}: {printed.Length} slots as the compiler placed them, {known.Length} in the model");
        Assert.Equal(printed.Order(StringComparer.Ordinal), known.Order(StringComparer.Ordinal));
        Assert.Equal(methods, printed.Length);
    }

    /// <summary>Own functions and destructors fill the slots behind the base's, each once, without gaps.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void SlotsAreContiguous(string name)
    {
        ApiModel model = ExtractedModels.Load(name);
        foreach (ClassModel item in model.Classes)
        {
            Assert.Equal(Enumerable.Range(0, Slots(model, item, microsoft: false).Count), Slots(model, item, microsoft: false).Order());
            Assert.Equal(Enumerable.Range(0, Slots(model, item, microsoft: true).Count), Slots(model, item, microsoft: true).Order());
        }
    }

    /// <summary>Microsoft's rule: a function that overloads an earlier one of its class stands before it; else the order is that of the declarations; one slot for the destructor.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void MicrosoftSlotsFollowTheOverloadRule(string name)
    {
        ApiModel model = ExtractedModels.Load(name);
        int groups = 0;
        foreach (ClassModel item in model.Classes)
        {
            ClassModel? parent = Parent(model, item);
            List<(int Order, string Name)> declared = [.. ProbeCpp.OwnVirtuals(item).Select(method => (method.Linux!.Value, method.Name))];
            if (item.Destructor is { } destructor && parent?.Destructor is null)
            {
                declared.Add((destructor.LinuxComplete, "~"));
            }

            declared.Sort();
            int first = parent is null ? 0 : Slots(model, parent, microsoft: true).Count;
            string[] expected = [.. declared.GroupBy(one => one.Name).SelectMany(group => group.Reverse()).Select(one => $"{one.Order} {one.Name}")];
            groups += declared.GroupBy(one => one.Name).Count(group => group.Count() > 1);
            Dictionary<int, string> actual = ProbeCpp.OwnVirtuals(item).ToDictionary(method => method.Msvc!.Value, method => $"{method.Linux} {method.Name}");
            if (item.Destructor is { } own && parent?.Destructor is null)
            {
                actual.Add(own.Msvc, $"{own.LinuxComplete} ~");
            }

            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal((item.Name, first + i, expected[i]), (item.Name, first + i, actual.GetValueOrDefault(first + i)));
            }
        }

        output.WriteLine($"{name}: {groups} groups of overloads");
        // VRuntime::deserializeCudaEngine, IPluginRegistry::registerCreator and deregisterCreator: in every 10.x, and in the RTX releases that follow it.
        Assert.Equal(name.StartsWith("tensorrt-10.", StringComparison.Ordinal) || name is "tensorrt-rtx-1.3" or "tensorrt-rtx-1.4" ? 3 : 0, groups);
    }

    private static ClassModel? Parent(ApiModel model, ClassModel item) => item.Base is null ? null : ApiUnion.ClassIn(model, item.Base);

    private static List<int> Slots(ApiModel model, ClassModel item, bool microsoft)
    {
        List<int> slots = Parent(model, item) is { } parent ? Slots(model, parent, microsoft) : [];
        slots.AddRange(ProbeCpp.OwnVirtuals(item).Select(method => microsoft ? method.Msvc!.Value : method.Linux!.Value));
        if (item.Destructor is { } destructor && Parent(model, item)?.Destructor is null)
        {
            slots.AddRange(microsoft ? [destructor.Msvc] : [destructor.LinuxComplete, destructor.LinuxDeleting]);
        }

        return slots;
    }
}

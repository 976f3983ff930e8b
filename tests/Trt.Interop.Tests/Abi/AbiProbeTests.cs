using Trt.Interop.Core;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Interop.Tests.Abi;

/// <summary>Every method of every interface, both ways, against objects and callers that a C++ compiler made.</summary>
[Collection("ABI probe")]
public sealed class AbiProbeTests(ITestOutputHelper output)
{
    public static TheoryData<int, bool> Releases => new() { { 0, false }, { 0, true }, { 1, false }, { 1, true }, { 2, false }, { 2, true }, { 3, false }, { 3, true } };

    public static TheoryData<int> ReleaseIndices => [0, 1, 2, 3];

    [SkippableTheory]
    [MemberData(nameof(Releases))]
    public void ProxiesReachTheirFunctions(int release, bool plainCalls)
    {
        Skip.IfNot(ProbeNative.IsThere, ProbeNative.HowToBuild);
        Probe probe = new(release, plainCalls);
        ForAll(probe, probe.CallProxy);
        output.WriteLine($"{Name(release)}: {probe.Checked.Count} methods called by C# through proxies{(plainCalls ? ", all with the transition" : string.Empty)}; {probe.Absent.Count} members of other releases refused");
        Report(probe);
        Assert.Equal(ProbeTables.MethodCounts[release], probe.Checked.Count);
        Assert.Equal(ProbeTables.Members.Count(bits => (bits & (1 << release)) == 0), probe.Absent.Count);
    }

    [SkippableTheory]
    [MemberData(nameof(ReleaseIndices))]
    public void StubsAreReachedThroughTheirSlots(int release)
    {
        Skip.IfNot(ProbeNative.IsThere, ProbeNative.HowToBuild);
        Probe probe = new(release, true);
        ForAll(probe, probe.CallStub);
        output.WriteLine($"{Name(release)}: {probe.Checked.Count} methods of managed objects called by C++");
        Report(probe);
        Assert.Equal(ProbeTables.MethodCounts[release], probe.Checked.Count);
    }

    [SkippableTheory]
    [MemberData(nameof(ReleaseIndices))]
    public void DisposingRunsTheDestructorOnce(int release)
    {
        Skip.IfNot(ProbeNative.IsThere, ProbeNative.HowToBuild);
        Probe probe = new(release, false);
        int classes = Enumerable.Range(0, ProbeTables.Types.Length).Count(probe.Dispose);
        output.WriteLine($"{Name(release)}: {classes} classes of objects deleted");
        Report(probe);
        Assert.True(classes > 10);
    }

    [SkippableTheory]
    [MemberData(nameof(ReleaseIndices))]
    public void LayersAreOfTheirRealClass(int release)
    {
        Skip.IfNot(ProbeNative.IsThere, ProbeNative.HowToBuild);
        Probe probe = new(release, false);
        int layers = 0;
        for (int classId = 0; classId < ProbeTables.Types.Length; classId++)
        {
            // Boundary layers are bases only: no LayerType names them.
            Type type = ProbeTables.Types[classId];
            if (typeof(ILayer).IsAssignableFrom(type) && !type.Name.EndsWith("BoundaryLayer", StringComparison.Ordinal) && (ProbeTables.Classes[classId].In & (1 << release)) != 0)
            {
                Assert.IsAssignableFrom(type, probe.LayerOf(classId));
                layers++;
            }
        }

        output.WriteLine($"{Name(release)}: {layers} classes of layers");
        Assert.True(layers > 40);
    }

    [SkippableTheory]
    [MemberData(nameof(ReleaseIndices))]
    public void StructuresHaveTheLayoutOfCpp(int release)
    {
        Skip.IfNot(ProbeNative.IsThere, ProbeNative.HowToBuild);
        string[] lines = ProbeNative.Layouts(release);
        foreach (string line in lines)
        {
            string[] parts = line.Split(' ', 2);
            Assert.Equal($"{parts[0]} {parts[1]}", $"{parts[0]} {ProbeTables.Layout(release, parts[0])}");
        }

        output.WriteLine($"{Name(release)}: {lines.Length} structures");
        Assert.True(lines.Length > 15);
    }

    [Theory]
    [MemberData(nameof(ReleaseIndices))]
    public void EnumeratorsHaveTheReleasesNumbers(int release)
    {
        ProbeLibrary library = new(release, false);
        int checkedNames = 0;
        foreach (Type type in ProbeTables.Enums.Keys)
        {
            EnumMap map = library.Enum(EnumTables.IdOf(type));
            ProbeEnums known = ProbeEnums.Of(release, type);
            foreach ((int managed, int native) in known.Members)
            {
                Assert.Equal((type, managed, native), (type, managed, map.ToNative(managed, library)));
                Assert.Equal((type, native), (type, known.Native(map.ToManaged(native))));
                checkedNames++;
            }

            foreach (int managed in Enum.GetValuesAsUnderlyingType(type).Cast<int>().Where(value => known.Members.All(member => member.Managed != value)))
            {
                Assert.Throws<NotInThisReleaseException>(() => map.ToNative(managed, library));
            }
        }

        output.WriteLine($"{Name(release)}: {checkedNames} enumerators");
    }

    private static string Name(int release) => (ProbeTables.Releases[release].IsRtx ? "TensorRT-RTX " : "TensorRT ") + ProbeTables.Releases[release].Release;

    private static void ForAll(Probe probe, Action<int> call)
    {
        for (probe.Round = 0; probe.Round < 3; probe.Round++)
        {
            for (int classId = 0; classId < ProbeTables.Types.Length; classId++)
            {
                call(classId);
            }
        }
    }

    private static void Report(Probe probe) =>
        Assert.True(probe.Errors.Count == 0, $"{probe.Errors.Count} differences:{Environment.NewLine}{string.Join(Environment.NewLine, probe.Errors.Take(40))}");
}

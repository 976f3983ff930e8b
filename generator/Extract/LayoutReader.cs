using System.Text;

namespace Trt.Generator.Extract;

/// <summary>Asks clang for the layouts of every class on every target, and checks that targets of one ABI agree.</summary>
internal sealed class LayoutReader(ClangCompiler clang, HeaderSet headers, WorkFolder work)
{
    private IEnumerable<string> Includes => [work.Stubs, .. headers.Folders];

    /// <summary>Layouts of all classes: the same on all targets, or an error.</summary>
    /// <param name="names">Classes to compare between targets.</param>
    public IReadOnlyDictionary<string, RecordLayout> Records(IReadOnlyList<string> names)
    {
        string source = work.Write("layout.cpp", headers.Source());
        Dictionary<string, IReadOnlyDictionary<string, RecordLayout>> byTarget = Target.All.ToDictionary(
            target => target.Triple, target => RecordLayoutDump.Read(clang.Compile(target, Includes, source, RecordLayoutDump.Options)));
        IReadOnlyDictionary<string, RecordLayout> first = byTarget[Target.LinuxX64.Triple];
        foreach ((string triple, IReadOnlyDictionary<string, RecordLayout> layouts) in byTarget)
        {
            foreach (string name in names)
            {
                if (!first.TryGetValue(name, out RecordLayout? expected) || !layouts.TryGetValue(name, out RecordLayout? actual) || !actual.Matches(expected))
                {
                    throw new ExtractException($"{name} is laid out differently on {triple} and {Target.LinuxX64.Triple}: the model has one layout for all targets.");
                }
            }
        }
        return first;
    }

    /// <summary>Slots of all classes on one target.</summary>
    /// <param name="target">Platform.</param>
    /// <param name="touches">C++ statements that make clang lay out each table.</param>
    public VtableDump Tables(Target target, IReadOnlyList<string> touches)
    {
        StringBuilder text = new(headers.Source());
        foreach (string touch in touches)
        {
            text.Append(touch).Append('\n');
        }
        string source = work.Write("tables.cpp", text.ToString());
        return VtableDump.Read(clang.Compile(target, Includes, source, VtableDump.Options(Path.Combine(work.Root, "tables.ll"))));
    }

    /// <summary>Slots on Linux and on Windows; both processors of each must agree.</summary>
    public (VtableDump Linux, VtableDump Msvc) Tables(IReadOnlyList<string> touches)
    {
        Dictionary<Target, VtableDump> dumps = Target.All.ToDictionary(target => target, target => Tables(target, touches));
        foreach ((Target one, Target other) in new[] { (Target.LinuxX64, Target.LinuxArm64), (Target.WindowsX64, Target.WindowsArm64) })
        {
            if (!dumps[one].Matches(dumps[other]))
            {
                throw new ExtractException($"The vtables of {one.Triple} and {other.Triple} differ: the model has one order for both.");
            }
        }
        return (dumps[Target.LinuxX64], dumps[Target.WindowsX64]);
    }
}

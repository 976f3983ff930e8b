using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Writes what the probe's tests know of the models without asking the bindings' own tables.</summary>
internal sealed class ProbeTableEmitter(ApiUnion union, IReadOnlyList<ClassPlan> plans, Annotations annotations)
{
    private readonly IReadOnlyList<ApiModel> releases = ProbeCpp.Releases(union);

    public void Emit(CodeWriter writer)
    {
        MemberPlan[] members = [.. plans.SelectMany(plan => plan.Plans).OrderBy(plan => plan.Member.Id)];
        writer.Line("/// <summary>Classes, members, enumerators and layouts of the four releases that the probe covers.</summary>");
        writer.Open("internal static unsafe class ProbeTables");
        writer.Line($"public static readonly (bool IsRtx, string Release, int VersionNumber)[] Releases = [{string.Join(", ", releases.Select(model => $"({(model.Library == "tensorrt-rtx" ? "true" : "false")}, \"{model.Release}\", {model.VersionNumber})"))}];");
        writer.Line();
        writer.Line("/// <summary>Methods that the models' classes offer to users: public, bindable, not overriding.</summary>");
        writer.Line($"public static readonly int[] MethodCounts = [{string.Join(", ", releases.Select(Count))}];");
        writer.Line();
        writer.Line("public static readonly Type[] Types = [");
        writer.Lines(plans.Select(plan => $"    typeof({Codecs.TypeName(plan.Class.Cpp)}),"));
        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>Per class: its base or −1, its first member, the number of its members, the releases that have it (bits), whether users delete it (1), whether it has a destructor (bits from 4 on) and derives from the base (from 8 on).</summary>");
        writer.Line("public static readonly (int Parent, int First, int Count, int In, int Flags)[] Classes = [");
        foreach (ClassPlan plan in plans)
        {
            int parent = plan.Class.Parent is null ? -1 : plans.ToList().FindIndex(other => other.Class == plan.Class.Parent);
            int derived = Bits(model => plan.Class.Models.TryGetValue(model, out ClassModel? here) && here.Base is not null && plan.Class.Parent?.Models.ContainsKey(model) == true);
            int destructors = Bits(model => plan.Class.Models.TryGetValue(model, out ClassModel? here) && here.Destructor is not null);
            writer.Line($"    ({parent}, {(plan.Plans.Count > 0 ? plan.Plans[0].Member.Id : 0)}, {plan.Plans.Count}, {Bits(plan.Class.Models.ContainsKey)}, {(plan.Class.IsOwnedByCaller ? 1 : 0) | (destructors << 4) | (derived << 8)}),");
        }

        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>Per member: the releases that have it (bits), 32 when the stub answers by itself, the releases where the wrapper's own vtable has it too (bits from 8 on) and where its result tells of failures (from 12 on).</summary>");
        writer.Line("public static readonly int[] Members = [");
        writer.Line("    " + string.Join(", ", members.Select(plan => Bits(plan.Member.Bindings.ContainsKey) | (plan.Rule.Form == "plugin version" ? 32 : 0)
            | (Bits(model => plan.Member.Bindings.TryGetValue(model, out Binding? binding) && binding.Own is not null) << 8)
            | (Bits(model => plan.Return is { Fails: not "never", Type.IsReference: false } && plan.Member.Bindings.TryGetValue(model, out Binding? binding) && binding.Native.Returns != "void") << 12))));
        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>C++ names of the members.</summary>");
        writer.Line("public static readonly string[] Names = [");
        writer.Lines(members.Select(plan => $"    \"{plan.Member.FullName}\","));
        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>(Release, member) → the member whose function in C++ is the same.</summary>");
        writer.Line("public static readonly Dictionary<(int, int), int> Shared = new()");
        writer.Line("{");
        for (int i = 0; i < releases.Count; i++)
        {
            Dictionary<MethodModel, MemberPlan> byNative = ProbeSourceEmitter.ByNative(releases[i], plans);
            foreach (MemberPlan plan in members.Where(plan => plan.Member.Bindings.TryGetValue(releases[i], out Binding? binding) && byNative[binding.Native] != plan))
            {
                writer.Line($"    [({i}, {plan.Member.Id})] = {byNative[plan.Member.Bindings[releases[i]].Native].Member.Id},");
            }
        }

        writer.Line("};");
        writer.Line();
        writer.Line("/// <summary>Member → the longer overload that is called where the release lacks it.</summary>");
        writer.Line("public static readonly Dictionary<int, int> Longer = new()");
        writer.Line("{");
        writer.Lines(members.Where(plan => plan.Longer is not null).Select(plan => $"    [{plan.Member.Id}] = {plan.Longer!.Member.Id},"));
        writer.Line("};");
        writer.Line();
        writer.Line("/// <summary>(Release, class) → what getInterfaceInfo of the class says by the headers.</summary>");
        writer.Line("public static readonly Dictionary<(int, int), string> Infos = new()");
        writer.Line("{");
        for (int i = 0; i < releases.Count; i++)
        {
            for (int c = 0; c < plans.Count; c++)
            {
                for (UnionClass? item = plans[c].Class; item is not null && plans[c].Class.Models.ContainsKey(releases[i]); item = item.Parent)
                {
                    if (item.Models.GetValueOrDefault(releases[i])?.InterfaceInfo is { } info)
                    {
                        writer.Line($"    [({i}, {c})] = \"('{info.Kind}',{info.Major},{info.Minor},),\",");
                        break;
                    }
                }
            }
        }

        writer.Line("};");
        writer.Line();
        Enums(writer);
        Layouts(writer);
        writer.Close();
    }

    private int Bits(Func<ApiModel, bool> has) => Enumerable.Range(0, releases.Count).Sum(i => has(releases[i]) ? 1 << i : 0);

    /// <summary>Straight from the model, not from the union.</summary>
    private int Count(ApiModel model) => model.Classes.Where(item => item.Kind != ClassKind.Impl).Sum(item => item.Methods.Count(method =>
        method is { IsStatic: false, IsOverride: false, Skip: null, Access: "public" } && (item.Kind == ClassKind.Interface ? method.Linux is not null : method.Calls is not null)
        && !annotations.Left.ContainsKey(Naming.Last(item.Name) + "." + method.Name)));

    private void Enums(CodeWriter writer)
    {
        writer.Line("/// <summary>Name=number of every enumerator, per release; null where a release lacks the enumeration.</summary>");
        writer.Line("public static readonly Dictionary<Type, string?[]> Enums = new()");
        writer.Line("{");
        foreach (UnionEnum item in union.Enums)
        {
            string Text(ApiModel model) => item.Models.TryGetValue(model, out EnumModel? here) ? "\"" + string.Join(' ', here.Members.Select(member => $"{Naming.Enumerator(member.Name)}={member.Value}")) + "\"" : "null";
            writer.Line($"    [typeof({Codecs.TypeName(item.Cpp)})] = [{string.Join(", ", releases.Select(Text))}],");
        }

        writer.Line("};");
        writer.Line();
    }

    private void Layouts(CodeWriter writer)
    {
        Dictionary<string, string> native = new(StringComparer.Ordinal)
        {
            ["Weights"] = "NativeWeights", ["InterfaceInfo"] = "NativeInterfaceInfo", ["DimsExprs"] = "NativeDimsExprs", ["PluginFieldCollection"] = "NativePluginFieldCollection", ["PluginField"] = "NativePluginField",
        };
        writer.Line("/// <summary>Size, alignment and offsets of a structure as C# lays it out; null when C# has no such type.</summary>");
        writer.Open("public static string? Layout(int release, string name)");
        writer.Open("switch (release, name)");
        for (int i = 0; i < releases.Count; i++)
        {
            foreach (StructModel item in releases[i].Structs)
            {
                UnionStruct? known = union.Structs.FirstOrDefault(one => one.Models.TryGetValue(releases[i], out StructModel? here) && ReferenceEquals(here, item));
                string name = ApiUnion.PublicName(releases[i], item.Name);
                if (ApiUnion.IsDims(item.Name))
                {
                    writer.Line($"case ({i}, \"{name}\"): return Probe.DimsLayout<{(item.Size == 36 ? "DimsLayout2, int" : "Dims, long")}>({(item.Fields.Count > 0 ? "true" : "false")});");
                    continue;
                }

                string type = native.GetValueOrDefault(Naming.Last(item.Name)) ?? Codecs.LayoutName(known!, known!.LayoutIn(releases[i]));
                string fields = string.Concat(item.Fields.Select(field => $" {field.Name}:{{(byte*)&v.{Naming.Member(field.Name)} - (byte*)&v}}"));
                writer.Line($"case ({i}, \"{name}\"): {{ {type} v = default; return $\"{{sizeof({type})}} {{Probe.Align<{type}>()}}{fields}\"; }}");
            }
        }

        writer.Line("default: return null;");
        writer.Close();
        writer.Close();
    }
}

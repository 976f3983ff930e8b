using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Slot tables, member names, class tables and enumeration tables.</summary>
internal sealed class TableEmitter(ApiUnion union, IReadOnlyList<ClassPlan> plans)
{
    private const int VariantShift = 12;
    private const int Absent = 0xFFFF;

    /// <summary>Members, wrappers' own virtual functions and destructors: name of the constant, shown name, entry per release and ABI.</summary>
    private readonly List<Row> rows = [.. Rows(union, plans)];

    public void Members(CodeWriter writer)
    {
        writer.Line("/// <summary>Ids of all members: indices into the slot tables.</summary>");
        writer.Open("internal static class Members");
        writer.Line($"public const int Count = {rows.Count};");
        writer.Line();
        for (int i = 0; i < rows.Count; i++)
        {
            writer.Line($"public const int {rows[i].Constant} = {i};");
        }

        writer.Line();
        writer.Line("private static readonly string[] Names =");
        writer.Line("[");
        foreach (Row row in rows)
        {
            writer.Line($"    \"{row.Name}\",");
        }

        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>Members whose calls skip the transition to native code.</summary>");
        writer.Line("public static ReadOnlySpan<ushort> Trivial =>");
        writer.Line("[");
        foreach (ClassPlan plan in plans)
        {
            foreach (MemberPlan member in plan.Plans.Where(member => member.IsTrivial))
            {
                writer.Line($"    {ProxyEmitter.MemberConstant(member.Member)},");
            }
        }

        writer.Line("];");
        writer.Line();
        writer.Line("/// <summary>The C++ name of a member, with its class.</summary>");
        writer.Line("public static string NameOf(int member) => Names[member];");
        writer.Line();
        writer.Line("/// <summary>All members of a name: its overloads.</summary>");
        writer.Line("public static IEnumerable<int> AllOf(string name) => Enumerable.Range(0, Count).Where(member => Names[member] == name);");
        writer.Line();
        writer.Line("/// <summary>The first member of a name.</summary>");
        writer.Open("public static bool TryFind(string name, out int member)");
        writer.Line("member = Array.IndexOf(Names, name);");
        writer.Line("return member >= 0;");
        writer.Close();
        writer.Close();
    }

    public void Slots(CodeWriter writer)
    {
        IReadOnlyList<ApiModel> releases = union.Releases;
        writer.Line("/// <summary>Where every member is in every release: slot, signature variant, or absent.</summary>");
        writer.Open("internal static class SlotTables");
        writer.Line("public const ushort Absent = 0xFFFF;");
        writer.Line("public const int SlotMask = 0x0FFF;");
        writer.Line($"public const int VariantShift = {VariantShift};");
        writer.Line("public const int VariantMask = 3;");
        writer.Line("public const ushort PlainCall = 0x4000;");
        writer.Line();
        writer.Line("/// <summary>The releases that headers were read of: library, release, version number of its header.</summary>");
        writer.Line("public static readonly (bool IsRtx, string Release, Version Version)[] Releases =");
        writer.Line("[");
        foreach (ApiModel model in releases)
        {
            writer.Line($"    ({(model.Library == "tensorrt-rtx" ? "true" : "false")}, \"{model.Release}\", new Version(\"{Version(model)}\")),");
        }

        writer.Line("];");
        writer.Line();

        // Per class: its distinct rows, and which one each release (Itanium, then MSVC) has.
        IGrouping<string, (Row Row, int Index)>[] groups = [.. rows.Select((row, index) => (row, index)).GroupBy(pair => pair.row.Class)];
        writer.Open("public static void Read(int release, bool microsoft, Span<ushort> table)");
        writer.Line("int column = (release * 2) + (microsoft ? 1 : 0);");
        writer.Line("int first = 0;");
        foreach (IGrouping<string, (Row, int)> group in groups)
        {
            writer.Line($"Copy({group.Key}Rows, {group.Key}Of, {group.Count()}, column, table, ref first);");
        }

        writer.Close();
        writer.Line();
        writer.Line("/// <summary>Names of the releases that have a member, oldest first.</summary>");
        writer.Open("public static IReadOnlyList<string> ReleasesWith(int member)");
        writer.Line("List<string> names = [];");
        writer.Line("ushort[] table = new ushort[Members.Count];");
        writer.Open("for (int release = 0; release < Releases.Length; release++)");
        writer.Line("Read(release, false, table);");
        writer.Open("if (table[member] != Absent)");
        writer.Line("names.Add((Releases[release].IsRtx ? \"TensorRT-RTX \" : \"TensorRT \") + Releases[release].Release);");
        writer.Close();
        writer.Close();
        writer.Line();
        writer.Line("return names;");
        writer.Close();
        writer.Line();
        writer.Open("private static void Copy(ReadOnlySpan<ushort> rows, ReadOnlySpan<byte> of, int count, int column, Span<ushort> table, ref int first)");
        writer.Line("rows.Slice(of[column] * count, count).CopyTo(table[first..]);");
        writer.Line("first += count;");
        writer.Close();
        foreach (IGrouping<string, (Row Row, int Index)> group in groups)
        {
            List<ushort[]> distinct = [];
            List<int> of = [];
            for (int column = 0; column < releases.Count * 2; column++)
            {
                ushort[] entries = [.. group.Select(pair => pair.Row.Entries[column])];
                int known = distinct.FindIndex(row => row.AsSpan().SequenceEqual(entries));
                if (known < 0)
                {
                    known = distinct.Count;
                    distinct.Add(entries);
                }

                of.Add(known);
            }

            writer.Line();
            writer.Line($"private static ReadOnlySpan<ushort> {group.Key}Rows =>");
            writer.Line("[");
            foreach (ushort[] row in distinct)
            {
                writer.Line($"    {string.Join(", ", row)},");
            }

            writer.Line("];");
            writer.Line();
            writer.Line($"private static ReadOnlySpan<byte> {group.Key}Of => [{string.Join(", ", of)}];");
        }

        writer.Close();
    }

    public void Classes(CodeWriter writer)
    {
        UnionClass[] classes = [.. plans.Select(plan => plan.Class)];
        writer.Line("/// <summary>Ids of all classes.</summary>");
        writer.Open("internal static class ClassId");
        for (int i = 0; i < classes.Length; i++)
        {
            writer.Line($"public const int {ProxyEmitter.ClassConstant(classes[i])} = {i};");
        }

        writer.Line();
        writer.Line("/// <summary>Added to a class's id: the vtable of the implementation that the class adds to its base's.</summary>");
        writer.Line("public const int Implementation = 0x1000;");
        writer.Close();
        writer.Line();
        writer.Line("/// <summary>What is known of each class.</summary>");
        writer.Open("internal static unsafe class ClassTable");
        writer.Line("/// <summary>The vtables of a wrapper's implementations, by offset; none for an interface.</summary>");
        writer.Open("public static ReadOnlySpan<int> LevelsOf(int classId) => classId switch");
        foreach (UnionClass item in classes.Where(item => !item.IsInterface))
        {
            string[] levels = [.. item.Chain.Where(ancestor => ancestor.OwnLevels > 0).Select(ancestor => $"ClassId.{ProxyEmitter.ClassConstant(ancestor)} | ClassId.Implementation")];
            writer.Line($"ClassId.{ProxyEmitter.ClassConstant(item)} => [{string.Join(", ", levels)}],");
        }

        writer.Line("_ => [],");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>True for what C# implements and native code calls.</summary>");
        writer.Line($"public static bool IsCallback(int classId) => classId is {string.Join(" or ", classes.Where(item => item.IsInterface).Select(item => "ClassId." + ProxyEmitter.ClassConstant(item)))};");
        writer.Line();
        writer.Line("/// <summary>The C++ name of a class.</summary>");
        writer.Open("public static string NameOf(int classId) => classId switch");
        foreach (UnionClass item in classes)
        {
            writer.Line($"ClassId.{ProxyEmitter.ClassConstant(item)} => \"{item.Name}\",");
        }

        writer.Line("_ => \"?\",");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>The destructor's entry of a class, by the class's C++ name: absent where the release lacks the class.</summary>");
        writer.Open("public static int DestructorOf(string name) => name switch");
        foreach (IGrouping<string, UnionClass> same in classes.GroupBy(item => item.Name))
        {
            writer.Line($"\"{same.Key}\" => Members.{ProxyEmitter.DestructorConstant(same.First())},");
        }

        writer.Line("_ => -1,");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>The most derived class of a managed object, among those derived from a declared one.</summary>");
        writer.Open("public static int Actual(object value, int classId) => classId switch");
        foreach (UnionClass item in classes)
        {
            UnionClass[] derived = [.. classes.Where(other => other != item && other.Chain.Contains(item)).OrderByDescending(other => other.Chain.Count).ThenBy(other => other.Name, StringComparer.Ordinal)];
            if (derived.Length > 0)
            {
                writer.Line($"ClassId.{ProxyEmitter.ClassConstant(item)} => value switch");
                writer.Line("{");
                foreach (UnionClass other in derived)
                {
                    writer.Line($"    {Codecs.TypeName(other.Cpp)} => ClassId.{ProxyEmitter.ClassConstant(other)},");
                }

                writer.Line("    _ => classId,");
                writer.Line("},");
            }
        }

        writer.Line("_ => classId,");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>A managed object in front of a native one.</summary>");
        writer.Open("public static NativeObject CreateProxy(int classId, TensorRtLibrary library, void* address, NativeObject? parent, Ownership ownership) => classId switch");
        foreach (UnionClass item in classes)
        {
            writer.Line($"ClassId.{ProxyEmitter.ClassConstant(item)} => new {ProxyEmitter.ProxyName(item)}(library, address, parent, ownership),");
        }

        writer.Line("_ => throw new ArgumentOutOfRangeException(nameof(classId)),");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>Lays out the vtable of a managed implementation.</summary>");
        writer.Open("public static void Fill(int classId, ref VtableBuilder builder)");
        writer.Open("switch (classId)");
        foreach (UnionClass item in classes)
        {
            writer.Line($"case ClassId.{ProxyEmitter.ClassConstant(item)}:");
            writer.Line($"    {StubEmitter.StubName(item)}.Fill(ref builder);");
            writer.Line("    break;");
            if (!item.IsInterface && item.OwnLevels > 0)
            {
                writer.Line($"case ClassId.{ProxyEmitter.ClassConstant(item)} | ClassId.Implementation:");
                writer.Line($"    {StubEmitter.StubName(item)}.FillImplementation(ref builder);");
                writer.Line("    break;");
            }
        }

        writer.Close();
        writer.Close();
        LayerTypes(writer, classes);
        writer.Close();
    }

    public void Enums(CodeWriter writer)
    {
        writer.Line("/// <summary>Ids of all enumerations.</summary>");
        writer.Open("internal static class Enumeration");
        foreach (UnionEnum item in union.Enums)
        {
            writer.Line($"public const int {Codecs.EnumConstant(item)} = {item.Id};");
        }

        writer.Close();
        writer.Line();
        writer.Line("/// <summary>The numbers of every enumeration in every release.</summary>");
        writer.Open("internal static class EnumTables");
        writer.Line("/// <summary>All enumerations as a release numbers them; one that it lacks has no names.</summary>");
        writer.Open("public static EnumMap[] Read(int release)");
        writer.Line($"EnumMap[] maps = new EnumMap[{union.Enums.Count}];");
        writer.Open("for (int i = 0; i < maps.Length; i++)");
        writer.Line("maps[i] = new EnumMap(i, Pairs(i, release));");
        writer.Close();
        writer.Line();
        writer.Line("return maps;");
        writer.Close();
        writer.Line();
        writer.Line("/// <summary>The id of a managed enumeration type, or −1.</summary>");
        writer.Open("public static int IdOf(Type type)");
        foreach (UnionEnum item in union.Enums)
        {
            writer.Open($"if (type == typeof({Codecs.TypeName(item.Cpp)}))");
            writer.Line($"return Enumeration.{Codecs.EnumConstant(item)};");
            writer.Close();
            writer.Line();
        }

        writer.Line("return -1;");
        writer.Close();
        writer.Line();
        writer.Line("/// <summary>The C++ name of an enumerator.</summary>");
        writer.Open("public static string NameOf(int enumeration, int value) => (enumeration, value) switch");
        foreach (UnionEnum item in union.Enums)
        {
            foreach (IGrouping<int, (string Name, int Value)> member in item.Members.GroupBy(member => member.Value))
            {
                writer.Line($"({item.Id}, {member.Key}) => \"{item.Name}.{member.First().Name}\",");
            }

            writer.Line($"({item.Id}, _) => $\"{item.Name} {{value}}\",");
        }

        writer.Line("_ => $\"enumerator {value}\",");
        writer.Close(";");
        writer.Line();
        writer.Line("/// <summary>Names of the releases that have an enumerator, oldest first.</summary>");
        writer.Open("public static IReadOnlyList<string> ReleasesWith(int enumeration, int value)");
        writer.Line("List<string> names = [];");
        writer.Open("for (int release = 0; release < SlotTables.Releases.Length; release++)");
        writer.Open("if (new EnumMap(enumeration, Pairs(enumeration, release)).TryToNative(value, out _))");
        writer.Line("names.Add((SlotTables.Releases[release].IsRtx ? \"TensorRT-RTX \" : \"TensorRT \") + SlotTables.Releases[release].Release);");
        writer.Close();
        writer.Close();
        writer.Line();
        writer.Line("return names;");
        writer.Close();
        writer.Line();
        writer.Open("private static ReadOnlySpan<int> Pairs(int enumeration, int release) => enumeration switch");
        foreach (UnionEnum item in union.Enums)
        {
            writer.Line($"{item.Id} => {Codecs.EnumConstant(item)}(release),");
        }

        writer.Line("_ => [],");
        writer.Close(";");
        foreach (UnionEnum item in union.Enums)
        {
            writer.Line();
            Dictionary<string, int> values = item.Members.ToDictionary(member => member.Name, member => member.Value);
            List<(string Pairs, List<int> Releases)> distinct = [];
            for (int i = 0; i < union.Releases.Count; i++)
            {
                string pairs = item.Models.TryGetValue(union.Releases[i], out EnumModel? here)
                    ? string.Join(", ", here.Members.Select(member => $"{values[member.Name]}, {member.Value}"))
                    : string.Empty;
                (string Pairs, List<int> Releases) known = distinct.FirstOrDefault(row => row.Pairs == pairs);
                if (known.Releases is null)
                {
                    distinct.Add((pairs, [i]));
                }
                else
                {
                    known.Releases.Add(i);
                }
            }

            (string Pairs, List<int> Releases) most = distinct.MaxBy(row => row.Releases.Count);
            writer.Open($"private static ReadOnlySpan<int> {Codecs.EnumConstant(item)}(int release) => release switch");
            foreach ((string pairs, List<int> releases) in distinct.Where(row => row != most))
            {
                writer.Line($"{string.Join(" or ", releases)} => [{pairs}],");
            }

            writer.Line($"_ => [{most.Pairs}],");
            writer.Close(";");
        }

        writer.Close();
    }

    /// <summary>Exported functions, for the messages of their failures.</summary>
    private static readonly string[] Functions = ["createInferBuilder", "createInferRuntime", "createInferRefitter", "createNvOnnxParser", "createNvOnnxParserRefitter", "initLibNvInferPlugins", "createNvCaffeParser", "createNvUffParser", "setInternalLibraryPath"];

    private static string Version(ApiModel model) => model.Version.Length > 0 ? model.Version : model.Release;

    private static IEnumerable<Row> Rows(ApiUnion union, IReadOnlyList<ClassPlan> plans)
    {
        foreach (ClassPlan plan in plans)
        {
            string className = ProxyEmitter.ClassConstant(plan.Class);
            foreach (MemberPlan member in plan.Plans)
            {
                yield return Row.Of(union, className, ProxyEmitter.MemberConstant(member.Member), member.Member.FullName, model =>
                    member.Member.Bindings.TryGetValue(model, out Binding? binding)
                        ? (binding.Linux, binding.Msvc, member.Variants.First(variant => variant.Releases.Contains(model)).Number)
                        : null);
            }

            foreach (MemberPlan member in plan.Plans.Where(StubEmitter.IsVirtualInWrapper))
            {
                yield return Row.Of(union, className, ProxyEmitter.MemberConstant(member.Member) + "_wrapper", member.Member.FullName, model =>
                    member.Member.Bindings.TryGetValue(model, out Binding? binding) && binding.Own is { } own ? (own.Linux, own.Msvc, 0) : null);
            }

            yield return Row.Of(union, className, ProxyEmitter.DestructorConstant(plan.Class), $"{plan.Class.Name}.~{plan.Class.Name}", model =>
                plan.Class.Models.TryGetValue(model, out ClassModel? here) && here.Destructor is { } destructor ? (destructor.LinuxDeleting, destructor.Msvc, 0) : null);

            if (plan.Class.HasDestroy)
            {
                yield return Row.Of(union, className, ProxyEmitter.DestroyConstant(plan.Class), $"{plan.Class.Name}.destroy", model =>
                    plan.Class.Models.TryGetValue(model, out ClassModel? here) && here.Methods.FirstOrDefault(method => method.Name == "destroy") is { Linux: { } linux, Msvc: { } msvc } ? (linux, msvc, 0) : null);
            }
        }

        foreach (string function in Functions)
        {
            yield return Row.Of(union, "Function", "Function_" + function, function, _ => null);
        }
    }

    private void LayerTypes(CodeWriter writer, UnionClass[] classes)
    {
        UnionEnum layerType = union.Enum("nvinfer1::LayerType") ?? throw new EmitException("No model has nvinfer1::LayerType.");
        writer.Line();
        writer.Line("/// <summary>The class of a layer, from its type; a type that is not known stays a plain layer.</summary>");
        writer.Open("public static int OfLayer(LayerType type) => type switch");
        foreach ((string name, int _) in layerType.Members)
        {
            string wanted = "I" + name[1..].Replace("_", string.Empty, StringComparison.Ordinal) + "Layer";
            wanted = name switch
            {
                "kCONDITION" => "IConditionLayer",
                "kCONDITIONAL_INPUT" => "IIfConditionalInputLayer",
                "kCONDITIONAL_OUTPUT" => "IIfConditionalOutputLayer",
                "kPLUGIN" => "ILayer",
                _ => wanted,
            };
            UnionClass? found = classes.FirstOrDefault(item => string.Equals(item.Name, wanted, StringComparison.OrdinalIgnoreCase));
            if (found is null)
            {
                throw new EmitException($"LayerType.{name} has no class: {wanted} is in no model.");
            }

            if (found.Name != "ILayer")
            {
                writer.Line($"LayerType.{Naming.Enumerator(name)} => ClassId.{found.Name},");
            }
        }

        writer.Line("_ => ClassId.ILayer,");
        writer.Close(";");
    }

    private sealed record Row(string Class, string Constant, string Name, ushort[] Entries)
    {
        public static Row Of(ApiUnion union, string className, string constant, string name, Func<ApiModel, (int Linux, int Msvc, int Variant)?> find)
        {
            ushort[] entries = new ushort[union.Releases.Count * 2];
            for (int i = 0; i < union.Releases.Count; i++)
            {
                (int Linux, int Msvc, int Variant)? found = find(union.Releases[i]);
                entries[2 * i] = found is { } a ? (ushort)(a.Linux | (a.Variant << VariantShift)) : (ushort)Absent;
                entries[(2 * i) + 1] = found is { } b ? (ushort)(b.Msvc | (b.Variant << VariantShift)) : (ushort)Absent;
            }

            return new Row(className, constant, name, entries);
        }
    }
}

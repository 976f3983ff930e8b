using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>All models as one API: what C# exposes, and for each release where it is.</summary>
internal sealed class ApiUnion
{
    private readonly Dictionary<string, UnionClass> classes = new(StringComparer.Ordinal);

    public ApiUnion(IReadOnlyList<ApiModel> models, Annotations annotations)
    {
        Releases = [.. models.Where(model => model.Library != "onnxruntime").OrderBy(model => model.Library, StringComparer.Ordinal).ThenBy(model => System.Version.Parse(Padded(model.Release)))];
        // Names and numbers come from 10.16 where it has them, then from the newest that does.
        Preferred = [.. Releases.OrderBy(model => model is { Library: "tensorrt", Release: "10.16" } ? 0 : model is { Library: "tensorrt" } ? 1 : 2).ThenByDescending(model => System.Version.Parse(Padded(model.Release)))];
        foreach (ApiModel model in Preferred)
        {
            foreach (ClassModel item in model.Classes.Where(item => item.Kind != ClassKind.Impl && item.Name.Contains("::I", StringComparison.Ordinal) && (item.Methods.Count > 0 || item.Base is not null || item.Destructor is not null)))
            {
                string name = PublicName(model, item.Name);
                if (Naming.Last(name) is "INoCopy")
                {
                    continue;
                }

                if (!classes.TryGetValue(name, out UnionClass? known))
                {
                    classes[name] = known = new UnionClass(name, item.Kind);
                }

                known.Models[model] = item;
                known.Base ??= item.Base is null || Naming.Last(item.Base) is "INoCopy" ? null : PublicName(model, item.Base);
            }
        }

        foreach (UnionClass item in classes.Values)
        {
            item.Parent = item.Base is null ? null : classes.GetValueOrDefault(item.Base);
        }

        Classes = [.. classes.Values.OrderBy(item => item.Cpp, StringComparer.Ordinal)];
        foreach (UnionClass item in Classes)
        {
            MergeMembers(item, annotations);
        }

        int id = 0;
        foreach (UnionMember member in Classes.SelectMany(item => item.Members))
        {
            member.Id = id++;
        }

        MemberCount = id;
        Enums = [.. UnionEnum.Merge(this)];
        Structs = [.. UnionStruct.Merge(this)];
    }

    /// <summary>Oldest first, TensorRT before TensorRT-RTX.</summary>
    public IReadOnlyList<ApiModel> Releases { get; }

    public IReadOnlyList<ApiModel> Preferred { get; }

    public IReadOnlyList<UnionClass> Classes { get; }

    public IReadOnlyList<UnionEnum> Enums { get; }

    public IReadOnlyList<UnionStruct> Structs { get; }

    public int MemberCount { get; }

    public static string ReleaseName(ApiModel model) => (model.Library == "tensorrt" ? "TensorRT " : "TensorRT-RTX ") + model.Release;

    public UnionClass? Class(string publicName) => classes.GetValueOrDefault(publicName);

    public UnionEnum? Enum(string publicName) => Enums.FirstOrDefault(item => item.Cpp == publicName);

    public UnionStruct? Struct(string publicName) => Structs.FirstOrDefault(item => item.Cpp == publicName);

    /// <summary>The name under which users know a class, enumeration or structure.</summary>
    public static string PublicName(ApiModel model, string name)
    {
        name = Resolve(model, name);
        if (!name.Contains("::", StringComparison.Ordinal))
        {
            return name;
        }

        foreach ((string alias, string target) in model.Aliases)
        {
            // Only what stands in a versioned namespace goes by its alias; other aliases are second names.
            if (target == name && name.Contains("::v_", StringComparison.Ordinal) && !alias.Contains("::v_", StringComparison.Ordinal))
            {
                return alias;
            }
        }

        return System.Text.RegularExpressions.Regex.Replace(name, "::v_[0-9]+_[0-9]+::", "::");
    }

    /// <summary>What an alias stands for, in the end.</summary>
    public static string Resolve(ApiModel model, string name)
    {
        for (int i = 0; i < 8 && model.Aliases.TryGetValue(name, out string? target); i++)
        {
            name = target;
        }

        return name;
    }

    /// <summary>Whether a structure is a shape: the classes derived from Dims only add constructors, and C# has one type for all.</summary>
    public static bool IsDims(string name) => Naming.Last(name) is "Dims" or "Dims32" or "Dims64" or "Dims2" or "Dims3" or "Dims4" or "DimsHW";

    public static ClassModel? ClassIn(ApiModel model, string name)
    {
        string resolved = Resolve(model, name);
        return model.Classes.FirstOrDefault(item => item.Name == resolved);
    }

    private static string Padded(string release) => release.Contains('.', StringComparison.Ordinal) ? release : release + ".0";

    private void MergeMembers(UnionClass item, Annotations annotations)
    {
        Dictionary<string, UnionMember> members = new(StringComparer.Ordinal);
        foreach (ApiModel model in Preferred)
        {
            if (!item.Models.TryGetValue(model, out ClassModel? here))
            {
                continue;
            }

            HashSet<string> seen = new(StringComparer.Ordinal);
            foreach (MethodModel method in here.Methods)
            {
                bool isInterface = here.Kind == ClassKind.Interface;
                if (method.IsStatic || method.Skip is not null || method.IsOverride || method.Access != "public" || annotations.Left.ContainsKey(item.Name + "." + method.Name)
                    || (isInterface && method.Linux is null) || (!isInterface && method.Calls is null))
                {
                    continue;
                }

                string key = Key(model, method);
                if (!seen.Add(key))
                {
                    key += "|" + string.Join(',', method.Parameters.Select(parameter => parameter.Type));
                    seen.Add(key);
                }

                if (!members.TryGetValue(key, out UnionMember? known))
                {
                    members[key] = known = new UnionMember(item, method.Name);
                    item.Members.Add(known);
                }

                known.Bindings[model] = Bind(model, here, method);
            }
        }

        foreach (IGrouping<string, UnionMember> overloads in item.Members.GroupBy(member => member.Name))
        {
            bool first = true;
            foreach (UnionMember member in overloads)
            {
                member.Constant = item.Name + "_" + member.Name + (first ? string.Empty : "_" + member.Best(this).Public.Parameters.Count);
                first = false;
            }

            foreach (IGrouping<string, UnionMember> same in overloads.GroupBy(member => member.Constant).Where(group => group.Count() > 1))
            {
                int n = 0;
                foreach (UnionMember member in same)
                {
                    member.Constant += n++ == 0 ? string.Empty : "_" + (char)('a' + n);
                }
            }
        }
    }

    private static Binding Bind(ApiModel model, ClassModel here, MethodModel method)
    {
        if (method.Calls is not { } calls)
        {
            return new Binding(method, method, 0, method.Linux!.Value, method.Msvc!.Value, null);
        }

        ClassModel implementation = ClassIn(model, calls.Class) ?? throw new EmitException($"{model.FileName}: {here.Name}.{method.Name} calls {calls.Class}, which the model lacks.");
        MethodModel native = implementation.Methods[calls.Index];
        ClassModel? owner = here;
        FieldModel? field = null;
        while (owner is not null && field is null)
        {
            field = owner.Fields.FirstOrDefault(one => one.Name == calls.Field);
            owner = owner.Base is null ? null : ClassIn(model, owner.Base);
        }

        if (field is null || native.Linux is null || native.Msvc is null)
        {
            throw new EmitException($"{model.FileName}: {here.Name}.{method.Name}: no field {calls.Field}, or {native.Name} has no slot.");
        }

        return new Binding(method, native, field.Offset / 8, native.Linux.Value, native.Msvc.Value, method.Linux is { } own ? (own, method.Msvc!.Value) : null);
    }

    private static string Key(ApiModel model, MethodModel method) => method.Name + "(" + string.Join(',', method.Parameters.Select(parameter =>
    {
        CppType type = CppType.Parse(parameter.Type);
        string name = Resolve(model, type.Name) switch
        {
            "int" or "int32_t" or "int64_t" or "uint32_t" or "uint64_t" or "size_t" => "int",
            string other when other.Contains("Dims32", StringComparison.Ordinal) || other.Contains("Dims64", StringComparison.Ordinal) => "Dims",
            string other => PublicName(model, other),
        };
        return name + new string('*', name is "Dims" or "nvinfer1::Permutation" ? 0 : type.Levels);
    })) + ")";
}

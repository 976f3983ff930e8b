using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>A class as users know it, over all releases.</summary>
internal sealed class UnionClass(string cpp, ClassKind kind)
{
    public string Cpp { get; } = cpp;

    public ClassKind Kind { get; } = kind;

    /// <summary>C++ name without namespace, C# name too.</summary>
    public string Name { get; } = Naming.Last(cpp);

    public string Namespace { get; } = Naming.Namespace(cpp);

    public string? Base { get; set; }

    public UnionClass? Parent { get; set; }

    public Dictionary<ApiModel, ClassModel> Models { get; } = [];

    public List<UnionMember> Members { get; } = [];

    public bool IsInterface => Kind == ClassKind.Interface;

    /// <summary>C++ users delete it.</summary>
    public bool IsOwnedByCaller => Models.Values.Any(model => model.Destructor?.Access == "public") && (!IsInterface || Name is "IParserRefitter" || HasDestroy);

    /// <summary>Some releases delete it by a virtual function of its own.</summary>
    public bool HasDestroy => Name is "IParser" or "ICaffeParser" or "IUffParser" or "IBinaryProtoBlob";

    /// <summary>Number of implementation pointers.</summary>
    public int Levels => IsInterface ? 0 : Chain.Sum(item => item.OwnLevels);

    /// <summary>Implementation pointers that this class adds to its base's.</summary>
    public int OwnLevels => Models.Values.Max(model => model.Fields.Count(one => one.Type.Contains("::V", StringComparison.Ordinal)));

    /// <summary>From the root class to this one.</summary>
    public IReadOnlyList<UnionClass> Chain => Parent is null ? [this] : [.. Parent.Chain, this];
}

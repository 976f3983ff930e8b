namespace Trt.Generator.Model;

/// <summary>A class with virtual functions.</summary>
internal sealed record ClassModel
{
    /// <summary>Qualified name.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called.</summary>
    public required ClassKind Kind { get; init; }

    /// <summary>Qualified name of its only base, or null.</summary>
    public string? Base { get; init; }

    /// <summary>Bytes of an object.</summary>
    public required int Size { get; init; }

    /// <summary>Own data members (implementation pointers of wrappers).</summary>
    public IReadOnlyList<FieldModel> Fields { get; init; } = [];

    /// <summary>The virtual destructor, or null when it has none.</summary>
    public DestructorModel? Destructor { get; init; }

    /// <summary>What <c>getInterfaceInfo</c> of this class answers, where its body says so.</summary>
    public InterfaceInfoModel? InterfaceInfo { get; init; }

    /// <summary>Methods declared in this class, in the header's order.</summary>
    public IReadOnlyList<MethodModel> Methods { get; init; } = [];
}

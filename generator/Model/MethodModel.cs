namespace Trt.Generator.Model;

/// <summary>A method.</summary>
internal sealed record MethodModel
{
    /// <summary>Name as declared; overloads share it.</summary>
    public required string Name { get; init; }

    /// <summary>Spelled return type.</summary>
    public required string Returns { get; init; }

    /// <summary>Parameters in order.</summary>
    public IReadOnlyList<ParameterModel> Parameters { get; init; } = [];

    /// <summary>A const method.</summary>
    public bool IsConst { get; init; }

    /// <summary>Declared not to throw.</summary>
    public bool IsNoexcept { get; init; }

    /// <summary>Marked deprecated in the header.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary><c>public</c>, <c>protected</c> or <c>private</c>.</summary>
    public string Access { get; init; } = "public";

    /// <summary>A static method.</summary>
    public bool IsStatic { get; init; }

    /// <summary>Slot in an Itanium vtable (Linux), or null when not virtual.</summary>
    public int? Linux { get; init; }

    /// <summary>Slot in a Microsoft vtable (Windows), or null when not virtual.</summary>
    public int? Msvc { get; init; }

    /// <summary>Without a body in the header.</summary>
    public bool IsPure { get; init; }

    /// <summary>Takes the slot of a method of a base class.</summary>
    public bool IsOverride { get; init; }

    /// <summary>For wrappers: the implementation's method behind it.</summary>
    public CallModel? Calls { get; init; }

    /// <summary>
    /// What the inline body of a virtual method does: a constant that it returns, <c>nothing</c>, <c>calls:NAME</c> when it
    /// forwards to another method of the same object, <c>delete</c> when it deletes the object, or <c>other</c>. Null without a body.
    /// </summary>
    public string? Default { get; init; }

    /// <summary>Why no binding is possible; null when one is.</summary>
    public string? Skip { get; init; }
}

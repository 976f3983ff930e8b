namespace Trt.Generator.Extract;

/// <summary>What kind of type a name of the API stands for.</summary>
internal enum DeclaredKind
{
    /// <summary>A class or struct, perhaps only declared.</summary>
    Class,

    /// <summary>An enumeration.</summary>
    Enum,

    /// <summary>Another name for a type.</summary>
    Alias,
}

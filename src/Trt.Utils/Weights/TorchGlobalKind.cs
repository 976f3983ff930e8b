namespace Trt.Utils;

/// <summary>What calling a <see cref="TorchGlobal"/> makes.</summary>
internal enum TorchGlobalKind
{
    /// <summary>An ordered dictionary, from nothing or from pairs.</summary>
    OrderedDict,

    /// <summary>A set, from nothing or from a list.</summary>
    Set,

    /// <summary>Bytes, from nothing, from bytes or from Latin-1 text.</summary>
    Bytes,

    /// <summary>Bytes from Latin-1 text, as protocols before 3 write them.</summary>
    Encode,

    /// <summary>A <see cref="TorchSize"/>.</summary>
    Size,

    /// <summary>A device's name as text.</summary>
    Device,

    /// <summary>A tensor from its storage, offset, size and stride.</summary>
    Tensor,

    /// <summary>The same with the element type given apart from the storage.</summary>
    TypedTensor,

    /// <summary>A tensor marked as a parameter.</summary>
    Parameter,

    /// <summary>An object of a class that a TorchScript program defines: its attributes, not the class.</summary>
    ScriptObject,

    /// <summary>A TorchScript list with a known element type, from a list.</summary>
    ScriptList,

    /// <summary>A TorchScript value with its type's name, which is dropped.</summary>
    ScriptTag,

    /// <summary>Nothing: a storage class, only named in persistent ids.</summary>
    StorageClass,
}

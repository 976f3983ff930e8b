namespace Trt.Utils;

/// <summary>How binding the precisions of single layers are, where a network is weakly typed.</summary>
public enum PrecisionConstraints
{
    /// <summary>They are hints.</summary>
    None,

    /// <summary>They are taken where a layer can have them; the library warns of the others.</summary>
    Prefer,

    /// <summary>The build fails when a layer cannot have its precision.</summary>
    Obey,
}

using Trt.Interop;

namespace Trt.Utils;

/// <summary>What a layer does when a network is made to compute in 16 bits.</summary>
internal enum TypeRule
{
    /// <summary>Has types of its own and takes any: constants, casts, shapes, quantization.</summary>
    Free,

    /// <summary>Computes in 16 bits.</summary>
    Narrow,

    /// <summary>Computes in 16 bits when one of its inputs is in 16 bits.</summary>
    Follows,

    /// <summary>As <see cref="Follows"/>, but in 32 bits when its inputs differ: comparisons.</summary>
    FollowsAll,

    /// <summary>Reads what it read before.</summary>
    Keeps,
}

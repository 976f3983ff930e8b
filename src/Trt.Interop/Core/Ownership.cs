namespace Trt.Interop.Core;

/// <summary>Who deletes the native object behind a managed one.</summary>
internal enum Ownership
{
    /// <summary>We do, when it is disposed and nothing made from it lives.</summary>
    Owned,

    /// <summary>The object that gave it; it becomes unusable with that one.</summary>
    Borrowed,
}

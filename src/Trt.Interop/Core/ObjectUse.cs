namespace Trt.Interop.Core;

/// <summary>In which role native code gave the address of an object.</summary>
internal enum ObjectUse
{
    /// <summary>A new object that we delete.</summary>
    Owned,

    /// <summary>Lent by the object that was asked; the same address is the same managed object.</summary>
    Borrowed,

    /// <summary>An argument of a callback that may be used after it.</summary>
    Lasting,

    /// <summary>An argument of a callback, valid inside of it only.</summary>
    Callback,
}

namespace Trt.Generator.Model;

/// <summary>How objects of a class are called.</summary>
internal enum ClassKind
{
    /// <summary>Inline methods that forward to an implementation object held in a field.</summary>
    Wrapper,

    /// <summary>An implementation class of namespace <c>apiv</c>, called through its vtable.</summary>
    Impl,

    /// <summary>Virtual methods called through the object's own vtable.</summary>
    Interface,
}

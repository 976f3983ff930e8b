namespace Trt.Generator.Model;

/// <summary>Slots of a virtual destructor in the class's own vtable.</summary>
/// <param name="Access"><c>public</c>, <c>protected</c> or <c>private</c>.</param>
/// <param name="LinuxComplete">Itanium slot that only destroys.</param>
/// <param name="LinuxDeleting">Itanium slot that destroys and frees.</param>
/// <param name="Msvc">Microsoft slot of the scalar deleting destructor.</param>
internal sealed record DestructorModel(string Access, int LinuxComplete, int LinuxDeleting, int Msvc);

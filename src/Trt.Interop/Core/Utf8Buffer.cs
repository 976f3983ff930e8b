using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>Room for a string on the stack. A structure and no <c>stackalloc</c>: that moves the stack in each call, with a check that it is whole.</summary>
[InlineArray(Utf8Argument.StackSize)]
internal struct Utf8Buffer
{
    private byte first;
}

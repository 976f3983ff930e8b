using System.Runtime.CompilerServices;

// What crosses the border is blittable as it stands: no marshalling stubs between a call and the function.
[assembly: DisableRuntimeMarshalling]

// Calls put names on the stack and results in structures of 72 bytes; nothing reads them before they are written.
[module: SkipLocalsInit]

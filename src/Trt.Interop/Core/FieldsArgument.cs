using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>Plugin fields in native memory, for the length of a call.</summary>
internal readonly unsafe ref struct FieldsArgument
{
    private readonly nint memory;

    public FieldsArgument(PluginFieldCollection? fields)
    {
        if (fields is not null)
        {
            memory = (nint)NativePluginFieldCollection.Allocate(fields);
        }
    }

    public NativePluginFieldCollection* Pointer => (NativePluginFieldCollection*)memory;

    public void Dispose() => NativeMemory.Free((void*)memory);
}

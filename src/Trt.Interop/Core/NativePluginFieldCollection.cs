using System.Runtime.InteropServices;
using System.Text;

namespace Trt.Interop.Core;

/// <summary>nvinfer1::PluginFieldCollection as native code lays it out: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePluginFieldCollection
{
    public int NbFields;
    public NativePluginField* Fields;

    /// <summary>One block with the collection, its fields and their names; the caller frees it.</summary>
    public static NativePluginFieldCollection* Allocate(PluginFieldCollection collection)
    {
        int names = collection.Fields.Sum(field => Encoding.UTF8.GetByteCount(field.Name) + 1);
        int size = sizeof(NativePluginFieldCollection) + (collection.Fields.Count * sizeof(NativePluginField)) + names;
        byte* memory = (byte*)NativeMemory.AllocZeroed((nuint)size);
        NativePluginFieldCollection* result = (NativePluginFieldCollection*)memory;
        result->NbFields = collection.Fields.Count;
        result->Fields = (NativePluginField*)(memory + sizeof(NativePluginFieldCollection));
        byte* text = (byte*)(result->Fields + collection.Fields.Count);
        byte* end = memory + size;
        for (int i = 0; i < collection.Fields.Count; i++)
        {
            PluginField field = collection.Fields[i];
            result->Fields[i] = new NativePluginField { Name = text, Data = field.Data, Type = (int)field.Type, Length = field.Length };
            text += Encoding.UTF8.GetBytes(field.Name, new Span<byte>(text, (int)(end - text))) + 1;
        }

        return result;
    }
}

/// <summary>nvinfer1::PluginField as native code lays it out: 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativePluginField
{
    public byte* Name;
    public nint Data;
    public int Type;
    public int Length;
}

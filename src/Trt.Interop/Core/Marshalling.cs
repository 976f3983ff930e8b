using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Trt.Interop.Core;

/// <summary>Values that do not cross the border as they are.</summary>
internal static unsafe class Marshalling
{
    private static readonly ConcurrentDictionary<string, nint> InterfaceKinds = new(StringComparer.Ordinal);

    public static string String(byte* text) => OptionalString(text) ?? string.Empty;

    public static string? OptionalString(byte* text) => Marshal.PtrToStringUTF8((nint)text);

    public static string[] Strings(byte** texts, long count)
    {
        string[] result = new string[count];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = String(texts[i]);
        }

        return result;
    }

    public static NativeWeights ToNative(Weights weights, TensorRtLibrary library) => new()
    {
        Type = library.Enum(Enumeration.DataType).ToNative((int)weights.Type, library),
        Values = weights.Values,
        Count = weights.Count,
    };

    public static Weights ToManaged(NativeWeights weights, TensorRtLibrary library) =>
        new((DataType)library.Enum(Enumeration.DataType).ToManaged(weights.Type), weights.Values, Math.Max(weights.Count, -1));

    public static InterfaceInfo ToManaged(NativeInterfaceInfo info) => new(String(info.Kind), info.Major, info.Minor);

    public static NativeInterfaceInfo ToNative(InterfaceInfo info) => new()
    {
        Kind = (byte*)InterfaceKinds.GetOrAdd(info.Kind, static kind => Marshal.StringToCoTaskMemUTF8(kind)),
        Major = info.Major,
        Minor = info.Minor,
    };

    /// <summary>A description whose kind is a literal: its bytes lie in the assembly, with a NUL behind.</summary>
    public static NativeInterfaceInfo InterfaceInfo(ReadOnlySpan<byte> kind, int major, int minor) => new()
    {
        Kind = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(kind)),
        Major = major,
        Minor = minor,
    };

    public static PluginFieldCollection ToManaged(NativePluginFieldCollection collection)
    {
        PluginField[] fields = new PluginField[Math.Max(collection.NbFields, 0)];
        for (int i = 0; i < fields.Length; i++)
        {
            NativePluginField field = collection.Fields[i];
            fields[i] = new PluginField(String(field.Name), field.Data, (PluginFieldType)field.Type, field.Length);
        }

        return new PluginFieldCollection(fields);
    }

    public static PluginFieldCollection ToManaged(NativePluginFieldCollection* collection) => collection is null ? new PluginFieldCollection([]) : ToManaged(*collection);

    public static DimsExprs ToManaged(NativeDimsExprs native, TensorRtLibrary library)
    {
        IDimensionExpr[] expressions = new IDimensionExpr[Math.Clamp(native.NbDims, 0, Dims.MaxDims)];
        for (int i = 0; i < expressions.Length; i++)
        {
            expressions[i] = library.ObjectAt<IDimensionExpr>((void*)native.D[i], ClassId.IDimensionExpr, null, ObjectUse.Callback)!;
        }

        return new DimsExprs(expressions);
    }

    public static NativeDimsExprs ToNative(DimsExprs managed, TensorRtLibrary library)
    {
        NativeDimsExprs native = new() { NbDims = managed.NbDims };
        for (int i = 0; i < managed.NbDims; i++)
        {
            // Native expressions belong to the builder that made them; a managed one gets a stub for the length of the call.
            if (managed[i] is NativeObject expression)
            {
                native.D[i] = (nint)expression.Address;
                continue;
            }

            Stub stub = Stub.For(managed[i], library, ClassId.IDimensionExpr);
            CallState.Current.Lend(stub);
            native.D[i] = (nint)stub.Pointer;
        }

        return native;
    }

    /// <summary>How many values a shape tensor's profile has: one for each element.</summary>
    public static long ProfileValueCount(this ICudaEngine engine, string tensorName) => Math.Max(engine.GetTensorShape(tensorName) is { IsStatic: true } shape ? shape.Volume : 0, 0);

    /// <inheritdoc cref="ProfileValueCount(ICudaEngine, string)"/>
    public static long ProfileValueCount(this ICudaEngine engine, int bindingIndex) => engine.GetBindingDimensions(bindingIndex) is { IsStatic: true } shape ? shape.Volume : 0;
}

using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Fields of V3 plugins, in and out of plans.</summary>
internal static class PluginFields
{
    /// <summary>Copies a field's values.</summary>
    public static PlanPluginField Copy(PluginField field, Plugin plugin, string method)
    {
        int bytes = BytesOf(field.Type, field.Length);
        if (field.Length < 0 || (bytes > 0 && field.Data == 0))
        {
            throw plugin.Failure($"{method}: field {field.Name} of length {field.Length} has no values.", ErrorCode.InvalidArgument);
        }

        byte[] values = new byte[bytes];
        unsafe
        {
            new ReadOnlySpan<byte>((void*)field.Data, bytes).CopyTo(values);
        }

        GC.KeepAlive(field);
        return new PlanPluginField(field.Name, field.Type, field.Length, values);
    }

    /// <summary>Gives the fields of a plan to a creator; they are valid during the call.</summary>
    public static unsafe T Use<T>(IReadOnlyList<PlanPluginField> fields, Func<PluginFieldCollection, T> call)
    {
        List<PluginField> made = [];
        List<byte[]> pinned = [];
        foreach (PlanPluginField field in fields)
        {
            byte[] values = GC.AllocateUninitializedArray<byte>(Math.Max(field.Values.Length, 1), pinned: true);
            field.Values.CopyTo(values, 0);
            pinned.Add(values);
            fixed (byte* address = values)
            {
                made.Add(new PluginField(field.Name, (nint)address, field.Type, field.Length));
            }
        }

        T result = call(new PluginFieldCollection(made));
        GC.KeepAlive(pinned);
        return result;
    }

    private static unsafe int BytesOf(PluginFieldType type, int length) => checked(type switch
    {
        PluginFieldType.Float64 or PluginFieldType.Int64 => 8 * length,
        PluginFieldType.Float32 or PluginFieldType.Int32 => 4 * length,
        PluginFieldType.Float16 or PluginFieldType.BF16 or PluginFieldType.Int16 => 2 * length,
        PluginFieldType.Dims => sizeof(Dims) * length,
        PluginFieldType.Int4 or PluginFieldType.FP4 => (length + 1) / 2,
        _ => length,
    });
}

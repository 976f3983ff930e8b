using Trt.Interop;

namespace SamplePlugins;

/// <summary>Attributes that creators are given.</summary>
internal static class Fields
{
    /// <summary>Whole numbers of a field; null where there is none of that name.</summary>
    /// <exception cref="ArgumentException">The field has another type.</exception>
    public static int[]? Ints(PluginFieldCollection fields, string name) => fields[name] switch
    {
        null => null,
        { Type: PluginFieldType.Int32 } field => field.AsSpan<int>().ToArray(),
        { Type: PluginFieldType.Int64 } field => Array.ConvertAll(field.AsSpan<long>().ToArray(), value => checked((int)value)),
        { } field => throw new ArgumentException($"Field \"{name}\" has type {field.Type}; whole numbers are expected, Int32 or Int64."),
    };

    public static PluginField From(string name, params int[] values) => PluginField.From<int>(name, PluginFieldType.Int32, values);

    /// <summary>A field by name and type alone: what a creator tells of itself.</summary>
    public static PluginField Named(string name) => new(name, 0, PluginFieldType.Int32, 1);

    /// <summary>Whether a plugin takes a tensor: linear, of floats or halves, all tensors of the same type.</summary>
    public static bool AreAlike(PluginTensorDesc tensor, PluginTensorDesc first) =>
        tensor.Format == TensorFormat.Linear && tensor.Type == first.Type && tensor.Type is DataType.Float or DataType.Half;
}

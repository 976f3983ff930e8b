namespace Trt.Interop;

/// <summary>The attributes of a plugin.</summary>
/// <param name="fields">The fields, in order.</param>
/// <remarks>C++: <c>nvinfer1::PluginFieldCollection</c>.</remarks>
public sealed class PluginFieldCollection(IReadOnlyList<PluginField> fields)
{
    /// <summary>The fields, in order.</summary>
    public IReadOnlyList<PluginField> Fields { get; } = fields;

    /// <summary>The field of a name, or null.</summary>
    /// <param name="name">The name to look for.</param>
    public PluginField? this[string name] => Fields.FirstOrDefault(field => field.Name == name);
}

using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Writes descriptions of layers as TensorRT's inspector lays them out.</summary>
/// <param name="format">One line for each layer, or JSON.</param>
/// <param name="shape">Shape of a tensor, as built or in a context.</param>
internal sealed class LayerText(LayerInformationFormat format, Func<PlanLayerTensor, Dims> shape)
{
    private bool IsJson => format == LayerInformationFormat.JSON;

    /// <summary>All layers, then the names of inputs and outputs.</summary>
    public string Engine(IEnumerable<string> layers, IEnumerable<string> bindings) => IsJson
        ? $"{{\"Layers\": [{string.Join(',', layers)}],\n\"Bindings\": [{string.Join("\n,", bindings.Select(Quoted))}\n]}}\n"
        : $"Layers:\n{string.Concat(layers.Select(layer => layer + "\n"))}\nBindings:\n{string.Concat(bindings.Select(binding => binding + "\n"))}";

    /// <summary>A layer of which only the name is known.</summary>
    public string Name(string name) => IsJson ? Quoted(name) : name;

    public string Layer(string name, PlanLayer layer)
    {
        List<string> fields =
        [
            Field("Name", name),
            Field("LayerType", layer.Type),
            Tensors("Inputs", layer.Inputs),
            Tensors("Outputs", layer.Outputs),
            .. layer.Parameters.Select(parameter => parameter.IsText ? Field(parameter.Name, parameter.Value) : Raw(parameter.Name, parameter.Value)),
            Field("TacticValue", "0x0000000000000000"),
            Raw("StreamId", "0"),
            Field("Metadata", layer.Metadata),
        ];
        return IsJson ? $"{{\n  {string.Join(",\n  ", fields)}\n}}" : string.Join(", ", fields);
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static string Format(DataType type, Dims dims) => dims.IsStatic ? $"Row major linear {Types.Short(type)}" : "N/A due to dynamic shapes";

    private string Field(string name, string value) => IsJson ? $"\"{name}\": {Quoted(value)}" : $"{name}: {value}";

    private string Raw(string name, string value) => IsJson ? $"\"{name}\": {value}" : $"{name}: {value}";

    private string Tensors(string name, IReadOnlyList<PlanLayerTensor> tensors)
    {
        StringBuilder text = new();
        foreach (PlanLayerTensor tensor in tensors)
        {
            Dims dims = shape(tensor);
            string list = string.Create(CultureInfo.InvariantCulture, $"[{string.Join(',', dims.ToArray())}]");
            string[] fields = [Field("Name", tensor.Name), Field("Location", "Device"), Raw("Dimensions", list), Field("Format/Datatype", Format(tensor.Type, dims))];
            text.Append(text.Length == 0 ? string.Empty : IsJson ? ",\n  " : ", ")
                .Append(IsJson ? $"{{\n    {string.Join(",\n    ", fields)}\n  }}" : $"{{ {string.Join(", ", fields)} }}");
        }

        return IsJson ? $"\"{name}\": [{(text.Length == 0 ? string.Empty : "\n  ")}{text}]" : $"{name}: [{(text.Length == 0 ? string.Empty : " ")}{text}]";
    }
}

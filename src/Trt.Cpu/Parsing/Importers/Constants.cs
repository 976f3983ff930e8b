using Trt.Interop;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators whose results are constants of the model.</summary>
internal static class Constants
{
    public static void Register(ImporterTable table)
    {
        table.Add("Constant", Constant);
    }

    /// <summary>Values of one of the attributes; no layer until somebody needs a tensor.</summary>
    private static ImportedValue?[] Constant(ImportNode node)
    {
        ConstantValues values =
            node.TensorAttribute("value") is { } tensor ? tensor
            : node.HasAttribute("value_int") ? ConstantValues.Of([node.Int("value_int")], [])
            : node.Ints("value_ints") is { } integers ? ConstantValues.Of(integers)
            : node.HasAttribute("value_float") ? ConstantValues.Of([node.Float("value_float")], [])
            : node.Floats("value_floats") is { } floats ? ConstantValues.Of(floats)
            : throw node.Unsupported("A Constant node must have value, value_int, value_ints, value_float or value_floats; text and sparse values are no tensors of TensorRT.");
        return ImportNode.Result(values);
    }
}

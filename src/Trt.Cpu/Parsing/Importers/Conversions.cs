using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Operators that change the type only, or nothing.</summary>
internal static class Conversions
{
    public static void Register(ImporterTable table)
    {
        table.Add("Identity", Identity);
        table.Add("Dropout", Dropout);
        table.Add("Cast", node => Converted(node, Type(node, node.Int("to"))), node => Type(node, node.Int("to")));
        table.Add("CastLike", node => Converted(node, node.Type(1)));
    }

    /// <summary>An element type that an attribute names by ONNX's number.</summary>
    public static DataType Type(ImportNode node, long number) =>
        OnnxTypes.ToTensorRt(number) ?? throw node.Invalid($"{node.Operator} cannot make ONNX's element type {number}, which TensorRT does not have.");

    /// <summary>A cast; where one side has 8 or 4 bits a float, TensorRT builds it as quantizing by 1 only.</summary>
    private static ITensor Converted(ImportNode node, DataType type)
    {
        ITensor x = node.Tensor(0);
        if (IsNarrow(x.Type) && !IsNarrow(type))
        {
            DataType real = Types.IsFloating(type) ? type : DataType.Float;
            ITensor y = node.Out(node.Network.AddDequantize(x, node.Constant(real, default, 1), real));
            return real == type ? y : node.AddCast(y, type);
        }

        return type == DataType.FP8 && Types.IsFloating(x.Type) && node.Int("saturate", 1) != 0
            ? node.Out(node.Network.AddQuantize(x, node.Constant(x.Type, default, 1), type))
            : node.Out(node.Network.AddCast(x, type));
    }

    private static bool IsNarrow(DataType type) => type is DataType.FP8 or DataType.Int4 or DataType.FP4;

    /// <summary>A layer; of a constant the result is known as one too, for operators that need values while parsing.</summary>
    private static ImportedValue?[] Identity(ImportNode node)
    {
        ITensor y = node.Out(node.Network.AddIdentity(node.Tensor(0)));
        if (node.Input(0).Constant is not { } constant)
        {
            return ImportNode.Result(y);
        }

        y.Name = node.Proto.Output[0];
        ConstantValues same = constant.Reshaped(constant.Dims);
        same.Tensor = y;
        return ImportNode.Result(same);
    }

    private static ImportedValue?[] Dropout(ImportNode node)
    {
        if (node.Has(2))
        {
            if (!node.IsConstant(2))
            {
                throw node.Unsupported("The training mode of Dropout must be an initializer.");
            }

            if (node.Integers(2)[0] != 0)
            {
                throw node.Unsupported("Dropout in training mode is not supported.");
            }
        }

        ITensor x = node.Tensor(0);
        ImportedValue data = new(node.Identity(x));
        if (!node.WantsOutput(1))
        {
            return [data];
        }

        // Nothing is dropped: the mask is true (since version 12 of the operator; false before), as everything equals itself.
        return [data, new ImportedValue(node.Network.AddElementWise(x, x, node.Opset >= 12 ? ElementWiseOperation.Equal : ElementWiseOperation.Less).GetOutput(0))];
    }
}

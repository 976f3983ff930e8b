using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Functions of one element: unary operations and activations.</summary>
internal static class Pointwise
{
    public static void Register(ImporterTable table)
    {
        foreach ((string name, UnaryOperation operation) in (ReadOnlySpan<(string, UnaryOperation)>)
        [
            ("Abs", UnaryOperation.Abs), ("Acos", UnaryOperation.Acos), ("Acosh", UnaryOperation.Acosh), ("Asin", UnaryOperation.Asin), ("Asinh", UnaryOperation.Asinh),
            ("Atan", UnaryOperation.Atan), ("Atanh", UnaryOperation.Atanh), ("Ceil", UnaryOperation.Ceil), ("Cos", UnaryOperation.Cos), ("Cosh", UnaryOperation.Cosh),
            ("Erf", UnaryOperation.Erf), ("Exp", UnaryOperation.Exp), ("Floor", UnaryOperation.Floor), ("IsNaN", UnaryOperation.Isnan), ("Log", UnaryOperation.Log),
            ("Neg", UnaryOperation.Neg), ("Not", UnaryOperation.Not), ("Reciprocal", UnaryOperation.Recip), ("Round", UnaryOperation.Round), ("Sign", UnaryOperation.Sign),
            ("Sin", UnaryOperation.Sin), ("Sinh", UnaryOperation.Sinh), ("Sqrt", UnaryOperation.Sqrt), ("Tan", UnaryOperation.Tan),
        ])
        {
            table.Add(name, node => Unary(node, operation));
        }

        foreach ((string name, ActivationType type) in (ReadOnlySpan<(string, ActivationType)>)
        [
            ("Relu", ActivationType.Relu), ("Sigmoid", ActivationType.Sigmoid), ("Tanh", ActivationType.Tanh), ("Softplus", ActivationType.Softplus),
            ("Softsign", ActivationType.Softsign),
        ])
        {
            float? one = type == ActivationType.Softplus ? 1 : null;
            table.Add(name, node => Activation(node, type, one, one));
        }

        table.Add("LeakyRelu", node => Activation(node, ActivationType.LeakyRelu, node.Float("alpha", 0.01f)));
        table.Add("Elu", node => Activation(node, ActivationType.Elu, node.Float("alpha", 1)));
        table.Add("ThresholdedRelu", node => Activation(node, ActivationType.ThresholdedRelu, node.Float("alpha", 1)));
        table.Add("HardSigmoid", node => Activation(node, ActivationType.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)));
        table.Add("ScaledTanh", node => Activation(node, ActivationType.ScaledTanh, node.Float("alpha", 1), node.Float("beta", 1)));
        table.Add("ParametricSoftplus", node => Activation(node, ActivationType.Softplus, node.Float("alpha", 1), node.Float("beta", 1)));
        table.Add("Selu", node => Activation(node, ActivationType.Selu, node.Float("alpha", 1.6732632f), node.Float("gamma", 1.050701f)));
        table.Add("Gelu", Gelu);
        table.Add("HardSwish", HardSwish);
        table.Add("Mish", Mish);
        table.Add("Swish", Swish);
        table.Add("Celu", Celu);
        table.Add("Shrink", Shrink);
        table.Add("IsInf", IsInf);
        table.Add("PRelu", ParametricRelu);
        table.Add("Clip", Clip);
    }

    private static ITensor Unary(ImportNode node, UnaryOperation operation)
    {
        DataType type = node.Type(0);
        bool isLogic = operation == UnaryOperation.Not;
        bool takesIntegers = operation is UnaryOperation.Abs or UnaryOperation.Neg or UnaryOperation.Sign;
        if (isLogic != (type == DataType.Bool) || type == DataType.UInt8 || (!takesIntegers && Types.IsInteger(type)))
        {
            throw node.Unsupported($"{node.Operator} does not take input of type {Types.Short(type)}.");
        }

        return node.Unary(node.Tensor(0), operation);
    }

    private static ITensor Activation(ImportNode node, ActivationType type, float? alpha = null, float? beta = null)
    {
        node.RefuseTypes(0, DataType.Int32, DataType.Bool, DataType.UInt8);
        return node.Activation(node.Tensor(0), type, alpha, beta);
    }

    private static ITensor Gelu(ImportNode node) => node.Text("approximate", "none") switch
    {
        "none" => Activation(node, ActivationType.GeluErf),
        "tanh" => Activation(node, ActivationType.GeluTanh),
        string other => throw node.Unsupported($"The approximation of Gelu is none or tanh, not {other}.", OnnxCode.UnsupportedNodeAttr),
    };

    private static ITensor HardSwish(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        return node.ElementWise(x, node.Activation(x, ActivationType.HardSigmoid, 1f / 6, 0.5f), ElementWiseOperation.Prod);
    }

    private static ITensor Mish(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ITensor soft = node.Activation(x, ActivationType.Softplus, 1, 1);
        return node.ElementWise(x, node.Activation(soft, ActivationType.Tanh), ElementWiseOperation.Prod);
    }

    private static ITensor Swish(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        ITensor alpha = node.Broadcast(node.AddCast(node.Constant(DataType.Float, new Dims(1), node.Float("alpha", 1)), x.Type), node.Rank(x));
        ITensor gate = node.Activation(node.ElementWise(x, alpha, ElementWiseOperation.Prod), ActivationType.Sigmoid);
        return node.ElementWise(x, gate, ElementWiseOperation.Prod);
    }

    /// <summary>max(0, x) + min(0, alpha * (exp(x / alpha) - 1)).</summary>
    private static ITensor Celu(ImportNode node)
    {
        // In 32 bits, so that rounding between the steps does not show.
        DataType type = node.Type(0);
        ITensor x = type == DataType.Float ? node.Tensor(0) : node.AddCast(node.Tensor(0), DataType.Float);
        int rank = node.Rank(x);
        ITensor zero = node.Broadcast(node.Constant(x.Type, default, 0), rank);
        ITensor one = node.Broadcast(node.Constant(x.Type, default, 1), rank);
        ITensor alpha = node.Broadcast(node.Constant(x.Type, default, node.Float("alpha", 1)), rank);
        ITensor power = node.Unary(node.ElementWise(x, alpha, ElementWiseOperation.Div), UnaryOperation.Exp);
        ITensor positive = node.ElementWise(x, zero, ElementWiseOperation.Max);
        ITensor scaled = node.ElementWise(alpha, node.ElementWise(power, one, ElementWiseOperation.Sub), ElementWiseOperation.Prod);
        ITensor y = node.ElementWise(positive, node.ElementWise(zero, scaled, ElementWiseOperation.Min), ElementWiseOperation.Sum);
        return type == DataType.Float ? y : node.AddCast(y, type);
    }

    private static ITensor Shrink(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        DataType type = x.Type;
        if (type is not (DataType.Float or DataType.Half or DataType.BF16 or DataType.Int8 or DataType.Int32 or DataType.Int64))
        {
            throw node.Unsupported($"Shrink does not take input of type {Types.Short(type)}.");
        }

        x = node.AddCast(x, DataType.Float);
        int rank = node.Rank(x);
        float lambda = node.Float("lambd", 0.5f);
        ITensor Number(double value) => node.Broadcast(node.Constant(DataType.Float, default, value), rank);
        ITensor high = Number(lambda);
        ITensor low = Number(-lambda);
        ITensor bias = Number(node.Float("bias", 0));
        ITensor zero = Number(0);
        ITensor isHigh = node.ElementWise(x, high, ElementWiseOperation.Greater);
        ITensor upper = node.Select(isHigh, node.ElementWise(x, bias, ElementWiseOperation.Sub), zero);
        ITensor isLow = node.ElementWise(x, low, ElementWiseOperation.Less);
        return node.AddCast(node.Select(isLow, node.ElementWise(x, bias, ElementWiseOperation.Sum), upper), type);
    }

    private static ITensor IsInf(ImportNode node)
    {
        bool negative = node.Int("detect_negative", 1) != 0;
        bool positive = node.Int("detect_positive", 1) != 0;
        ITensor x = node.Tensor(0);
        if (negative && positive)
        {
            return node.Unary(x, UnaryOperation.Isinf);
        }

        ITensor zero = node.AddCast(node.Constant(DataType.Float, Extents.Same(node.Rank(x), 1), 0), x.Type);
        if (!negative && !positive)
        {
            // Nothing is less and greater than 0 at once.
            return node.ElementWise(node.ElementWise(x, zero, ElementWiseOperation.Less), node.ElementWise(x, zero, ElementWiseOperation.Greater), ElementWiseOperation.And);
        }

        ITensor side = node.ElementWise(x, zero, negative ? ElementWiseOperation.Less : ElementWiseOperation.Greater);
        return node.ElementWise(side, node.Unary(x, UnaryOperation.Isinf), ElementWiseOperation.And);
    }

    private static ITensor ParametricRelu(ImportNode node)
    {
        node.RefuseTypes(0, DataType.Int32, DataType.Int64);
        ITensor x = node.Tensor(0);
        ITensor slope = node.Broadcast(node.Tensor(1), node.Rank(x));
        return node.Out(node.Network.AddParametricReLU(x, slope));
    }

    private static ITensor Clip(ImportNode node)
    {
        bool byLayer = Types.IsFloating(node.Type(0)) || node.Type(0) == DataType.Int8;
        for (int input = 1; input < node.InputCount && byLayer; input++)
        {
            byLayer = node.Has(input) && node.IsConstant(input);
        }

        if (!byLayer)
        {
            return ElementWiseClip(node);
        }

        (float least, float most) = node.Opset < 11
            ? (node.Float("min", float.MinValue), node.Float("max", float.MaxValue))
            : (node.Has(1) ? (float)node.Constant(1).ToNumbers()[0] : float.MinValue, node.Has(2) ? (float)node.Constant(2).ToNumbers()[0] : float.MaxValue);
        return Activation(node, ActivationType.Clip, least, most);
    }

    private static ITensor ElementWiseClip(ImportNode node)
    {
        ITensor x = node.Tensor(0);
        DataType type = x.Type;
        if (type is not (DataType.Float or DataType.Half or DataType.BF16 or DataType.Int32 or DataType.Int64))
        {
            throw node.Unsupported($"Clip takes floating-point, INT32 and INT64 input, not {Types.Short(type)}.");
        }

        int rank = node.Rank(x);
        (double least, double most) = type switch
        {
            DataType.Half => ((double)Half.MinValue, (double)Half.MaxValue),
            DataType.BF16 => (-3.3895313892515355e38, 3.3895313892515355e38),
            DataType.Int32 => (int.MinValue, int.MaxValue),
            DataType.Int64 => (long.MinValue, (double)long.MaxValue),
            _ => (float.MinValue, float.MaxValue),
        };
        ITensor Bound(int input, double otherwise) =>
            node.Has(input) ? node.Broadcast(node.Tensor(input), rank) : node.Constant(type, Extents.Same(rank, 1), otherwise);
        ITensor low = Bound(1, least);
        ITensor high = Bound(2, most);
        return node.ElementWise(node.ElementWise(x, low, ElementWiseOperation.Max), high, ElementWiseOperation.Min);
    }
}

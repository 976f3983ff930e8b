using Trt.Interop;
using OnnxCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing.Importers;

/// <summary>Functions of two and more elements, with broadcasting.</summary>
internal static class Arithmetic
{
    public static void Register(ImporterTable table)
    {
        foreach ((string name, ElementWiseOperation operation) in (ReadOnlySpan<(string, ElementWiseOperation)>)
        [
            ("Add", ElementWiseOperation.Sum), ("And", ElementWiseOperation.And), ("Div", ElementWiseOperation.Div), ("Equal", ElementWiseOperation.Equal),
            ("Greater", ElementWiseOperation.Greater), ("Less", ElementWiseOperation.Less), ("Max", ElementWiseOperation.Max), ("Min", ElementWiseOperation.Min),
            ("Mul", ElementWiseOperation.Prod), ("Or", ElementWiseOperation.Or), ("Sub", ElementWiseOperation.Sub), ("Sum", ElementWiseOperation.Sum),
            ("Xor", ElementWiseOperation.Xor),
        ])
        {
            table.Add(name, node => Combine(node, operation));
        }

        table.Add("GreaterOrEqual", node => OrEqual(node, node.Tensor(0), node.Tensor(1), ElementWiseOperation.Greater));
        table.Add("LessOrEqual", node => OrEqual(node, node.Tensor(0), node.Tensor(1), ElementWiseOperation.Less));
        table.Add("Mean", Mean);
        table.Add("Pow", Power);
        table.Add("Mod", Remainder);
        table.Add("Where", Where);
    }

    /// <summary>A comparison, or equality; for ranks that differ, each comparison has its own broadcast, as in NVIDIA's networks.</summary>
    public static ITensor OrEqual(ImportNode node, ITensor x, ITensor y, ElementWiseOperation comparison)
    {
        ITensor Compare(ElementWiseOperation operation)
        {
            (ITensor a, ITensor b) = node.Broadcast(x, y);
            return node.ElementWise(a, b, operation);
        }

        Check(node, comparison, [x.Type, y.Type]);
        return node.ElementWise(Compare(comparison), Compare(ElementWiseOperation.Equal), ElementWiseOperation.Or);
    }

    private static ITensor Combine(ImportNode node, ElementWiseOperation operation)
    {
        int rank = 0;
        DataType[] types = new DataType[node.InputCount];
        for (int i = 0; i < types.Length; i++)
        {
            rank = Math.Max(rank, node.Rank(i));
            types[i] = node.Type(i);
        }

        ITensor[] tensors = new ITensor[types.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = node.Broadcast(node.Tensor(i), rank);
        }

        Check(node, operation, types);
        ITensor result = tensors[0];
        for (int i = 1; i < tensors.Length; i++)
        {
            result = node.ElementWise(result, tensors[i], operation);
        }

        // An output needs a tensor of its own even where nothing is computed.
        return tensors.Length == 1 ? node.Identity(result) : result;
    }

    private static void Check(ImportNode node, ElementWiseOperation operation, ReadOnlySpan<DataType> types)
    {
        bool isLogic = operation is ElementWiseOperation.And or ElementWiseOperation.Or or ElementWiseOperation.Xor;
        bool takesAll = operation is ElementWiseOperation.Equal;
        foreach (DataType type in types)
        {
            if (!takesAll && isLogic != (type == DataType.Bool))
            {
                throw node.Unsupported($"{node.Operator} does not take inputs of type {Types.Short(type)}.");
            }
        }
    }

    private static ITensor Mean(ImportNode node)
    {
        ITensor sum = Combine(node, ElementWiseOperation.Sum);
        return node.ElementWise(sum, node.Constant(sum.Type, Extents.Same(node.Rank(sum), 1), node.InputCount), ElementWiseOperation.Div);
    }

    /// <summary>Of two types, both are cast to floats, and the result to the type of the base.</summary>
    private static ITensor Power(ImportNode node)
    {
        DataType type = node.Type(0);
        DataType exponentType = node.Type(1);
        if (type == DataType.Bool || exponentType == DataType.Bool)
        {
            throw node.Unsupported("Pow does not take inputs of type BOOL.");
        }

        ITensor x;
        ITensor y;
        if (type == exponentType)
        {
            (x, y) = (node.Tensor(0), node.Tensor(1));
        }
        else
        {
            DataType common = Types.IsFloating(type) && type != DataType.Float && !Types.IsFloating(exponentType) ? type : DataType.Float;
            x = node.AddCast(node.Tensor(0), common);
            y = node.AddCast(node.Tensor(1), common);
        }

        (x, y) = node.Broadcast(x, y);
        ITensor result = node.ElementWise(x, y, ElementWiseOperation.Pow);
        return result.Type == type ? result : node.AddCast(result, type);
    }

    private static ITensor Remainder(ImportNode node)
    {
        node.RefuseTypes(0, DataType.UInt8);
        (ITensor x, ITensor y) = node.Broadcast(node.Tensor(0), node.Tensor(1));
        bool ofC = node.Int("fmod", 0) != 0;
        if (Types.IsInteger(x.Type))
        {
            // The sign is the divisor's for the mathematical one, the dividend's for C's.
            ITensor quotient = node.ElementWise(x, y, ofC ? ElementWiseOperation.Div : ElementWiseOperation.FloorDiv);
            return node.ElementWise(x, node.ElementWise(quotient, y, ElementWiseOperation.Prod), ElementWiseOperation.Sub);
        }

        if (!ofC)
        {
            throw node.Unsupported($"Mod with fmod = 0 takes INT32 and INT64 inputs, not {Types.Short(x.Type)}.", OnnxCode.UnsupportedNodeDatatype);
        }

        ITensor ratio = node.ElementWise(x, y, ElementWiseOperation.Div);
        ITensor Rest(UnaryOperation rounding) =>
            node.ElementWise(x, node.ElementWise(node.Unary(ratio, rounding), y, ElementWiseOperation.Prod), ElementWiseOperation.Sub);
        ITensor below = Rest(UnaryOperation.Floor);
        ITensor above = Rest(UnaryOperation.Ceil);
        ITensor zero = node.Zeros(ratio);
        return node.Select(OrEqual(node, ratio, zero, ElementWiseOperation.Greater), below, above);
    }

    private static ITensor Where(ImportNode node)
    {
        node.RefuseTypes(1, DataType.UInt8);
        node.RefuseTypes(2, DataType.UInt8);
        ITensor condition = node.Tensor(0);
        ITensor x = node.Tensor(1);
        ITensor y = node.Tensor(2);
        int rank = Math.Max(node.Rank(condition), Math.Max(node.Rank(x), node.Rank(y)));
        x = node.Broadcast(x, rank);
        y = node.Broadcast(y, rank);
        return node.Select(node.Broadcast(condition, rank), x, y);
    }
}

using System.Collections.Immutable;
using Trt.Interop;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>
/// What is known of the numbers in tensors that are computed from shapes: Shape, and what picks from, joins and calculates with its results. Valid as long as the graph is not
/// changed but by replacing such a tensor by its numbers.
/// </summary>
internal sealed class ShapeNumbers(EditableGraph graph)
{
    private const int Deepest = 200;
    private const int Longest = 64;
    private readonly Dictionary<string, (ImmutableArray<ShapeNumber> Numbers, bool IsScalar)?> known = new(StringComparer.Ordinal);

    /// <summary>The numbers of a value, and whether it is a scalar; null when it is none of those tensors.</summary>
    public (ImmutableArray<ShapeNumber> Numbers, bool IsScalar)? Of(string? name) => Of(name, 0);

    private (ImmutableArray<ShapeNumber> Numbers, bool IsScalar)? Of(string? name, int depth)
    {
        if (name is null || depth > Deepest)
        {
            return null;
        }

        if (!known.TryGetValue(name, out (ImmutableArray<ShapeNumber>, bool)? result))
        {
            known[name] = null; // what needs itself is not known
            result = Find(name, depth + 1);
            known[name] = result is { Item1.Length: <= Longest } ? result : null;
        }

        return known[name];
    }

    private (ImmutableArray<ShapeNumber>, bool)? Find(string name, int depth)
    {
        if (graph.ConstantOf(name) is { Dims.Count: <= 1 } tensor)
        {
            return graph.Integers(name) is { } values ? ([.. values.Select(ShapeNumber.Of)], tensor.Dims.Count == 0) : null;
        }

        if (graph.Producer(name) is not { } node || !node.IsStandard())
        {
            return null;
        }

        return node.OpType switch
        {
            "Shape" => Shape(node),
            "Identity" => Of(node.InputAt(0), depth),
            "Cast" when (OnnxElementType)node.Int("to", 0) is OnnxElementType.Int64 or OnnxElementType.Int32 => Of(node.InputAt(0), depth),
            "Gather" => Gather(node, depth),
            "Slice" => Slice(node, depth),
            "Concat" => Concat(node, depth),
            "Unsqueeze" when Of(node.InputAt(0), depth) is { IsScalar: true } one => (one.Numbers, false),
            "Squeeze" when Of(node.InputAt(0), depth) is { Numbers.Length: 1, IsScalar: false } one => (one.Numbers, true),
            "Reshape" => Reshape(node, depth),
            "Add" => Calculate(node, depth, (a, b) => a + b, unit: 0, commutes: true),
            "Sub" => Calculate(node, depth, (a, b) => a - b, unit: 0, commutes: false),
            "Mul" => Calculate(node, depth, (a, b) => a * b, unit: 1, commutes: true),
            "Div" => Calculate(node, depth, (a, b) => b == 0 ? null : a / b, unit: 1, commutes: false),
            _ => null,
        };
    }

    private (ImmutableArray<ShapeNumber>, bool)? Shape(NodeProto node)
    {
        if (graph.TypeOf(node.InputAt(0)) is not { Dims: { IsDefault: false } dims })
        {
            return null;
        }

        long start = Clamp(node.Int("start", 0), dims.Length), end = Clamp(node.Int("end", dims.Length), dims.Length);
        return ([.. dims.Skip((int)start).Take((int)Math.Max(0, end - start)).Select(ShapeNumber.Of)], false);
    }

    private (ImmutableArray<ShapeNumber>, bool)? Gather(NodeProto node, int depth)
    {
        if (Of(node.InputAt(0), depth) is not { IsScalar: false } data || graph.ConstantOf(node.InputAt(1)) is not { Dims.Count: <= 1 } tensor || graph.Integers(node.InputAt(1)) is not { } indices)
        {
            return null;
        }

        int length = data.Numbers.Length;
        return indices.All(index => index >= -length && index < length) ? ([.. indices.Select(index => data.Numbers[(int)(index < 0 ? index + length : index)])], tensor.Dims.Count == 0) : null;
    }

    private (ImmutableArray<ShapeNumber>, bool)? Slice(NodeProto node, int depth)
    {
        long[]? starts = node.Ints("starts") ?? graph.Integers(node.InputAt(1)), ends = node.Ints("ends") ?? graph.Integers(node.InputAt(2));
        long[]? steps = node.InputAt(4) is { } input ? graph.Integers(input) : [1];
        if (Of(node.InputAt(0), depth) is not { IsScalar: false } data || starts is not [var start] || ends is not [var end] || steps is not [1])
        {
            return null;
        }

        int length = data.Numbers.Length;
        start = Clamp(start, length);
        end = Clamp(end, length);
        return ([.. data.Numbers.Skip((int)start).Take((int)Math.Max(0, end - start))], false);
    }

    private (ImmutableArray<ShapeNumber>, bool)? Concat(NodeProto node, int depth)
    {
        ImmutableArray<ShapeNumber>.Builder all = ImmutableArray.CreateBuilder<ShapeNumber>();
        foreach (string input in node.Input)
        {
            if (Of(input, depth) is { IsScalar: false } part)
            {
                all.AddRange(part.Numbers);
            }
            else if (graph.TypeOf(input) is { Dims: [{ IsKnown: true, Value: <= Longest } length] })
            {
                all.AddRange(Enumerable.Repeat(ShapeNumber.Unknown, (int)length.Value));
            }
            else
            {
                return null;
            }
        }

        return (all.ToImmutable(), false);
    }

    private (ImmutableArray<ShapeNumber>, bool)? Reshape(NodeProto node, int depth)
    {
        if (Of(node.InputAt(0), depth) is not { } data || (node.Ints("shape") ?? graph.Integers(node.InputAt(1))) is not { Length: <= 1 } shape)
        {
            return null;
        }

        return shape.Length == 0 ? (data.Numbers.Length == 1 ? (data.Numbers, true) : null)
            : shape[0] == -1 || shape[0] == data.Numbers.Length ? (data.Numbers, false) : null;
    }

    private (ImmutableArray<ShapeNumber>, bool)? Calculate(NodeProto node, int depth, Func<long, long, long?> of, long unit, bool commutes)
    {
        if (Of(node.InputAt(0), depth) is not { } left || Of(node.InputAt(1), depth) is not { } right)
        {
            return null;
        }

        int length = Math.Max(left.Numbers.Length, right.Numbers.Length);
        if ((left.Numbers.Length != length && left.Numbers.Length != 1) || (right.Numbers.Length != length && right.Numbers.Length != 1))
        {
            return null;
        }

        ShapeNumber[] numbers = new ShapeNumber[length];
        for (int i = 0; i < length; i++)
        {
            ShapeNumber a = left.Numbers[left.Numbers.Length == 1 ? 0 : i], b = right.Numbers[right.Numbers.Length == 1 ? 0 : i];
            numbers[i] = a.Value is { } x && b.Value is { } y ? new ShapeNumber(of(x, y), string.Empty)
                : b.Value == unit ? a
                : commutes && a.Value == unit ? b
                : ShapeNumber.Unknown;
        }

        return ([.. numbers], left.IsScalar && right.IsScalar);
    }

    private static long Clamp(long position, int length) => Math.Clamp(position < 0 ? position + length : position, 0, length);
}

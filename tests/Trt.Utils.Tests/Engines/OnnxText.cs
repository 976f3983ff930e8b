using System.Text;

namespace Trt.Utils.Tests.Engines;

/// <summary>Writes ONNX models field by field, right and wrong ones.</summary>
internal static class OnnxText
{
    public const int Float = 1;

    /// <summary>A model of opset 17 around a graph.</summary>
    public static byte[] Model(byte[] graph, params byte[][] functions) => [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, Number(2, 17)), .. functions.SelectMany(function => Bytes(25, function))];

    /// <summary>A graph from x of a shape to y.</summary>
    public static byte[] Graph(long[] shape, IEnumerable<byte[]> nodes, IEnumerable<byte[]>? initializers = null) =>
    [
        .. nodes.SelectMany(node => Bytes(1, node)), .. Text(2, "g"), .. (initializers ?? []).SelectMany(tensor => Bytes(5, tensor)), .. Bytes(11, Value("x", shape)),
        .. Bytes(12, Value("y", shape)),
    ];

    /// <summary>A node.</summary>
    public static byte[] Node(string op, string[] inputs, string[] outputs, string name = "", string domain = "") =>
        [.. inputs.SelectMany(input => Text(1, input)), .. outputs.SelectMany(output => Text(2, output)), .. Text(3, name), .. Text(4, op), .. Text(7, domain)];

    /// <summary>A local function with one input and one output.</summary>
    public static byte[] Function(string name, string domain, params byte[][] nodes) =>
        [.. Text(1, name), .. Text(4, "a"), .. Text(5, "b"), .. nodes.SelectMany(node => Bytes(7, node)), .. Bytes(9, Number(2, 17)), .. Text(10, domain)];

    /// <summary>An initializer of floats whose values are in another file.</summary>
    public static byte[] External(string name, long[] shape, string location, params (string Key, string Value)[] entries) =>
    [
        .. shape.SelectMany(extent => Number(1, (ulong)extent)), .. Number(2, Float), .. Text(8, name),
        .. entries.Prepend(("location", location)).SelectMany(entry => Bytes(13, [.. Text(1, entry.Item1), .. Text(2, entry.Item2)])), .. Number(14, 1),
    ];

    private static byte[] Value(string name, long[] shape)
    {
        byte[] dims = [.. shape.SelectMany(extent => Bytes(1, extent >= 0 ? Number(1, (ulong)extent) : Text(2, "n")))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Number(1, Float), .. Bytes(2, dims)]))];
    }

    private static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] bytes) => [.. Varint((ulong)((field << 3) | 2)), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Number(int field, ulong value) => [.. Varint((ulong)(field << 3)), .. Varint(value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}

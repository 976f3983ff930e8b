using System.Text;

namespace SamplePlugins;

/// <summary>An ONNX model of one node of an operator that ONNX does not have, written field by field as Protocol Buffers has them.</summary>
internal static class OnnxText
{
    /// <summary>x → operator → y.</summary>
    /// <param name="op">The plugin's name.</param>
    /// <param name="version">The plugin's version, which parsers read from an attribute.</param>
    /// <param name="attribute">Name of the attribute.</param>
    /// <param name="values">Its whole numbers.</param>
    /// <param name="input">Extents of x, of floats.</param>
    /// <param name="output">Extents of y.</param>
    public static byte[] Model(string op, string version, string attribute, long[] values, long[] input, long[] output)
    {
        byte[] node = [.. Text(1, "x"), .. Text(2, "y"), .. Text(3, "padded"), .. Text(4, op), .. Part(5, Ints(attribute, values)), .. Part(5, String("plugin_version", version))];
        byte[] graph = [.. Part(1, node), .. Text(2, "circular"), .. Part(11, Value("x", input)), .. Part(12, Value("y", output))];
        byte[] opset = [.. Number(2, 17)];
        return [.. Number(1, 8), .. Part(7, graph), .. Part(8, opset)];
    }

    private static byte[] Ints(string name, long[] values) => [.. Text(1, name), .. values.SelectMany(value => Number(8, value)), .. Number(20, 7)]; // INTS

    private static byte[] String(string name, string value) => [.. Text(1, name), .. Text(4, value), .. Number(20, 3)]; // STRING

    private static byte[] Value(string name, long[] extents)
    {
        byte[] shape = [.. extents.SelectMany(extent => Part(1, [.. Number(1, extent)]))];
        byte[] tensor = [.. Number(1, 1), .. Part(2, shape)]; // FLOAT
        return [.. Text(1, name), .. Part(2, [.. Part(1, tensor)])];
    }

    private static IEnumerable<byte> Text(int field, string text) => Part(field, Encoding.UTF8.GetBytes(text));

    private static IEnumerable<byte> Part(int field, byte[] content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value > 127; value >>= 7)
        {
            yield return (byte)(value | 128);
        }

        yield return (byte)value;
    }
}

using System.Text;

namespace Trt.Interop.Tests.Rtx;

/// <summary>Writes the few protobuf fields of an ONNX model with one node.</summary>
internal static class OnnxBytes
{
    public const int Float = 1;
    public const int Int64 = 7;

    /// <summary>A model whose only node takes <c>x</c> to <c>y</c>.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="outputType">ONNX's number of the output's element type.</param>
    /// <param name="shape">Shape of x; a negative extent is not known.</param>
    public static byte[] OneNode(string op, int outputType, params long[] shape)
    {
        byte[] node = [.. Text(1, "x"), .. Text(2, "y"), .. Text(3, "p"), .. Text(4, op)];
        byte[] graph = [.. Bytes(1, node), .. Text(2, "g"), .. Bytes(11, Value("x", Float, shape)), .. Bytes(12, Value("y", outputType, new long[shape.Length]))];
        return [.. Number(1, 8), .. Bytes(7, graph), .. Bytes(8, [.. Number(2, 17)])];
    }

    private static byte[] Value(string name, int type, long[] shape)
    {
        byte[] dims = [.. shape.SelectMany(extent => Bytes(1, extent > 0 ? Number(1, (ulong)extent) : Text(2, "n")))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Number(1, (ulong)type), .. Bytes(2, dims)]))];
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

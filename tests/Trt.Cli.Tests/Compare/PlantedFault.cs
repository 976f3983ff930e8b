using System.Buffers.Binary;
using System.Text;
using Trt.Utils;

namespace Trt.Cli.Tests;

/// <summary>Copies of models with one fault in them, made by changing some bytes of the file.</summary>
internal static class PlantedFault
{
    /// <summary>Another number in place of one of a weight's.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="folder">Where the copy goes.</param>
    /// <param name="weight">The initializer.</param>
    /// <param name="element">Which number.</param>
    /// <param name="value">What it becomes.</param>
    public static string Weight(string model, string folder, string weight, int element, float value)
    {
        using OnnxModel onnx = OnnxModel.Load(model);
        byte[] file = File.ReadAllBytes(model);
        byte[] data = onnx.GetInitializer(weight).AsBytes().ToArray();
        int at = file.AsSpan().IndexOf(data);
        Assert(at >= 0 && file.AsSpan(at + 1).IndexOf(data) < 0, $"the bytes of {weight} are in the file once");
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(at + (4 * element)), value);
        return Save(file, folder);
    }

    /// <summary>Another number in place of a node's attribute: the nth float attribute of a name in the file.</summary>
    public static string FloatAttribute(string model, string folder, string attribute, int occurrence, float value)
    {
        // AttributeProto: field 1 is the name, a text; field 2 the number, four bytes.
        byte[] file = File.ReadAllBytes(model);
        byte[] pattern = [10, (byte)attribute.Length, .. Encoding.ASCII.GetBytes(attribute), 0x15];
        int at = -1;
        for (int i = 0; i <= occurrence; i++)
        {
            int next = file.AsSpan(at + 1).IndexOf(pattern);
            Assert(next >= 0, $"there are more than {i} attributes {attribute}");
            at += 1 + next;
        }

        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(at + pattern.Length), value);
        return Save(file, folder);
    }

    /// <summary>Another operator of a name as long.</summary>
    public static string Operator(string model, string folder, string from, string to)
    {
        byte[] file = File.ReadAllBytes(model);
        byte[] old = [0x22, (byte)from.Length, .. Encoding.ASCII.GetBytes(from)]; // NodeProto: field 4 is the operator
        int at = file.AsSpan().IndexOf(old);
        Assert(at >= 0 && from.Length == to.Length, $"the file has {from}");
        Encoding.ASCII.GetBytes(to).CopyTo(file, at + 2);
        return Save(file, folder);
    }

    private static string Save(byte[] file, string folder)
    {
        string path = Path.Combine(folder, "faulty.onnx");
        File.WriteAllBytes(path, file);
        return path;
    }

    private static void Assert(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"It is not true that {what}.");
        }
    }
}

using System.Text.Json;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Inspection;

public class InspectOnnxTests : Scratch
{
    [Fact]
    public void A_model_is_told_in_tables()
    {
        Ran ran = Ran.Trt("inspect", ModelFiles.Find("lenet.onnx"), "--show", "layers", "weights");
        Assert.Equal(0, ran.ExitCode);
        Assert.Contains("opset       17", ran.Output, StringComparison.Ordinal);
        Assert.Contains("Nx1x28x28", ran.Output, StringComparison.Ordinal);
        Assert.Contains("parameters  431,080", ran.Output, StringComparison.Ordinal);
        Assert.Contains("conv2.weight   Float   50x20x5x5     100,000", ran.Output, StringComparison.Ordinal);
        ran.FitsTheScreen();

        JsonElement json = Ran.Trt("inspect", ModelFiles.Find("lenet.onnx"), "--show", "layers", "--json").Json;
        Assert.Equal("ONNX model", json.GetProperty("kind").GetString());
        Assert.Equal(431080, json.GetProperty("parameters").GetInt64());
        Assert.Equal(10, json.GetProperty("nodes").GetArrayLength());
        Assert.Equal("data", json.GetProperty("inputs")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Attributes_are_shown_when_asked_for() =>
        Assert.Contains("kernel_shape=[5, 5]", Ran.Trt("inspect", ModelFiles.Find("lenet.onnx"), "--show", "attributes", "--json").Json.GetProperty("nodes")[0].GetProperty("attributes").GetString(), StringComparison.Ordinal);

    [Fact]
    public void A_large_model_is_looked_at_without_its_weights()
    {
        // 100 MB of weights in the middle of the file: what is allocated shows that they are not read.
        string path = PathOf("large.onnx");
        using (OnnxModel lenet = OnnxModel.Load(ModelFiles.Find("lenet.onnx")))
        {
            byte[] model = lenet.ToArray();
            using FileStream file = File.Create(path);
            file.Write(model);
            WriteGraphWithInitializer(file, 100_000_000);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Ran ran = Ran.Trt("inspect", path);
        Assert.Equal(0, ran.ExitCode);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 20_000_000);
        Assert.Contains("parameters  25,431,080", ran.Output, StringComparison.Ordinal); // 25 million floats more
        using OnnxModel outline = OnnxModel.LoadOutline(path);
        Assert.Contains("opened without", Assert.Throws<InvalidOperationException>(() => outline.GetInitializer("large")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => outline.Save(PathOf("lost.onnx")));
        Assert.Throws<InvalidOperationException>(() => outline.Save(Stream.Null));
        Assert.Throws<InvalidOperationException>(() => outline.ToArray());
        Assert.Throws<InvalidOperationException>(() => outline.Simplify());
    }

    /// <summary>A message that stands behind another of its kind is merged with it: field 7 of the model (graph), with field 5 (an initializer).</summary>
    private static void WriteGraphWithInitializer(FileStream file, int bytes)
    {
        byte[] head = [0x08, .. Number(bytes / sizeof(float)), 0x10, 1, 0x42, 5, .. "large"u8, 0x4A, .. Number(bytes)]; // dims, data type float, name, raw_data
        byte[] initializer = [0x2A, .. Number(head.Length + bytes)];
        file.Write([0x3A, .. Number(initializer.Length + head.Length + bytes)]);
        file.Write(initializer);
        file.Write(head);
        file.SetLength(file.Position + bytes);
    }

    private static byte[] Number(long value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}

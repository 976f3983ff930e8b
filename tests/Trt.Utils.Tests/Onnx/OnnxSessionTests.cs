using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Cpu;
using Trt.Interop;
using Trt.Onnx;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public sealed class OnnxSessionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-onnx-").FullName;

    public OnnxSessionTests() => CpuRuntime.Register();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void LeNetFromAFileAgreesWithPyTorch()
    {
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        using IOnnxSession session = TensorRt.OpenOnnx(ModelFiles.Find("lenet.onnx"));
        OnnxValueInfo input = Assert.Single(session.Inputs);
        Assert.Equal(("data", OnnxElementType.Float, -1L, 28L), (input.Name, input.ElementType, input.Dims[0], input.Dims[3]));
        Assert.False(input.IsStatic);
        Assert.NotEmpty(input.DimNames[0]);
        OnnxTensor prob = session.Run(new Dictionary<string, OnnxTensor> { ["data"] = OnnxTensor.From(golden["data"].ToArray<float>(), 200, 1, 28, 28) })["prob"];
        Assert.Equal<long>([200, 10], prob.Dims);
        float[] expected = golden["prob"].ToArray<float>();
        Assert.True(prob.ToArray<float>().Zip(expected, (a, b) => Math.Abs(a - b)).Max() < 1e-4);
    }

    [Fact]
    public void ABindingReadsAndWritesTheCallersMemory()
    {
        byte[] model = new OnnxBuilder().Input("x", "n").Scalar("two", 2f).Node("y = Mul(x, two)").Node("i = NonZero(x)").Output("y").Output("i").Bytes();
        using IOnnxSession session = TensorRt.OpenOnnx(model, new OnnxSessionOptions { IntraOpThreads = 1, InterOpThreads = 2 });
        OnnxTensor x = OnnxTensor.From<float>([1, 0, 3]), y = OnnxTensor.From(new float[3]);
        using IOnnxBinding binding = session.CreateBinding();
        binding.BindInput(0, x.ElementType, x.Dims.AsSpan(), x.Pointer, x.ByteCount);
        binding.BindOutput(0, y.ElementType, y.Dims.AsSpan(), y.Pointer, y.ByteCount);
        binding.BindOutput(1);
        binding.Run();
        Assert.Equal([2f, 0f, 6f], y.ToArray<float>());
        Assert.Equal([0L, 2L], binding.GetOutput(1).ToArray<long>());
        Assert.Equal<long>([1, 2], binding.GetOutput(1).Dims);
    }

    [Fact]
    public void TextGoesInAndOut()
    {
        byte[] model = new OnnxBuilder().Input("a", OnnxElementType.String, 2).Input("b", OnnxElementType.String, 2).Node("y = StringConcat(a, b)").Output("y").Bytes(20, 9);
        using IOnnxSession session = TensorRt.OpenOnnx(model);
        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(new Dictionary<string, OnnxTensor> { ["a"] = OnnxTensor.FromStrings(["Zür", ""]), ["b"] = OnnxTensor.FromStrings(["ich", ""]) });
        Assert.Equal(["Zürich", ""], outputs["y"].Strings);
    }

    [Fact]
    public void OperatorsOfOtherDomainsRun()
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 4).Node("y = com.microsoft:Gelu(x)").Output("y", OnnxElementType.Float, 1, 4).Bytes();
        using IOnnxSession session = TensorRt.OpenOnnx(model);
        float[] y = session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From<float>([0, 1, -1, 10], 1, 4) })["y"].ToArray<float>();
        Assert.Equal(0.8413447f, y[1], 5); // Φ(1)
        Assert.Equal(10f, y[3], 4);
    }

    [Fact]
    public void ErrorsHaveOnnxRuntimesWords()
    {
        OnnxRuntimeException unknown = Assert.ThrowsAny<OnnxRuntimeException>(() => TensorRt.OpenOnnx(new OnnxBuilder().Input("x", 2).Node("y = Blend(x)").Output("y").Bytes()));
        Assert.Contains("Blend", unknown.Message, StringComparison.Ordinal);
        using IOnnxSession session = TensorRt.OpenOnnx(new OnnxBuilder().Input("x", 2).Node("y = Relu(x)").Output("y", OnnxElementType.Float, 2).Bytes());
        Assert.Contains("\"x\"", Assert.Throws<ArgumentException>(() => session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From<float>([1, 2]), ["z"] = OnnxTensor.From<float>([1]) })).Message.Replace("x.", "\"x\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("x: Float [2]", Assert.Throws<ArgumentException>(() => session.Run(new Dictionary<string, OnnxTensor>())).Message, StringComparison.Ordinal);
        Assert.Contains("\"q\"", Assert.Throws<ArgumentException>(() => session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From<float>([1, 2]) }, ["q"])).Message, StringComparison.Ordinal);
        Assert.Contains("dimensions", Assert.ThrowsAny<OnnxRuntimeException>(() => session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From<float>([1, 2, 3]) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExternalDataComesFromItsFolderOrFromTheCaller()
    {
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), MemoryMarshal.AsBytes<float>([9, 5, 7]).ToArray());
        string path = Path.Combine(folder, "m.onnx");
        File.WriteAllBytes(path, External("w.bin", offset: 4));
        Dictionary<string, OnnxTensor> x = new() { ["x"] = OnnxTensor.From<float>([1, 1]) };
        using (IOnnxSession session = TensorRt.OpenOnnx(path))
        {
            Assert.Equal([6f, 8f], session.Run(x)["y"].ToArray<float>());
        }

        OnnxSessionOptions given = new() { Initializers = new Dictionary<string, OnnxTensor> { ["w"] = OnnxTensor.From<float>([10, 20]) } };
        using (IOnnxSession session = TensorRt.OpenOnnx(External("nowhere/w.bin", offset: 0), given))
        {
            Assert.Equal([11f, 21f], session.Run(x)["y"].ToArray<float>());
        }
    }

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("sub/../../secret.bin")]
    [InlineData("..\\secret.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("C:\\secret.bin")]
    [InlineData("link.bin")]
    [InlineData("linked/secret.bin")]
    [InlineData("circle")]
    [InlineData("")]
    public void ExternalDataOutsideOfTheFolderIsRefused(string location)
    {
        string inner = Directory.CreateDirectory(Path.Combine(folder, "model", "sub")).Parent!.FullName;
        File.WriteAllBytes(Path.Combine(folder, "secret.bin"), new byte[8]);
        File.CreateSymbolicLink(Path.Combine(inner, "link.bin"), Path.Combine("..", "secret.bin"));
        Directory.CreateSymbolicLink(Path.Combine(inner, "linked"), folder);
        File.CreateSymbolicLink(Path.Combine(inner, "circle"), "circle");
        string path = Path.Combine(inner, "m.onnx");
        File.WriteAllBytes(path, External(location, offset: 0));
        Assert.Contains("outside", Assert.Throws<ArgumentException>(() => TensorRt.OpenOnnx(path)).Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<ArgumentException>(() => TensorRt.OpenOnnx(File.ReadAllBytes(path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(1L << 40)]
    [InlineData(8)]
    public void ExternalDataPastItsFileIsRefused(long offset)
    {
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), new byte[12]);
        string path = Path.Combine(folder, "m.onnx");
        File.WriteAllBytes(path, External("w.bin", offset));
        Assert.ThrowsAny<OnnxRuntimeException>(() => TensorRt.OpenOnnx(path));
    }

    [Fact]
    public void ARunCanBeCancelled()
    {
        OnnxBuilder body = new OnnxBuilder().Input("i", OnnxElementType.Int64).Input("go", OnnxElementType.Bool).Input("v", OnnxElementType.Float).Scalar("one", 1f)
            .Node("go_out = Identity(go)").Node("v_out = Add(v, one)").Output("go_out", OnnxElementType.Bool).Output("v_out", OnnxElementType.Float);
        byte[] model = new OnnxBuilder().Input("trips", OnnxElementType.Int64).Input("x", OnnxElementType.Float).Node("y = Loop(trips, , x)", ("body", body)).Output("y").Bytes();
        using IOnnxSession session = TensorRt.OpenOnnx(model);
        Dictionary<string, OnnxTensor> inputs = new() { ["trips"] = OnnxTensor.Scalar(long.MaxValue), ["x"] = OnnxTensor.Scalar(0f) };
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(inputs, cancellationToken: source.Token));
        inputs["trips"] = OnnxTensor.Scalar(5L);
        Assert.Equal([5f], session.Run(inputs)["y"].ToArray<float>());
    }

    [Fact]
    public void TensorsCheckTheirCounts()
    {
        Assert.Throws<ArgumentException>(() => OnnxTensor.From<float>([1, 2, 3], 2, 2));
        Assert.Throws<ArgumentException>(() => OnnxTensor.From<float>([1], -1));
        Assert.Throws<ArgumentException>(() => OnnxTensor.FromBytes(OnnxElementType.Int4, [3], new byte[3]));
        Assert.Throws<ArgumentException>(() => new OnnxTensor(OnnxElementType.Float, [long.MaxValue, 4], 1));
        Assert.Throws<InvalidOperationException>(() => OnnxTensor.From<float>([1, 2]).AsSpan<int>());
        Assert.Equal(2, OnnxTensor.FromBytes(OnnxElementType.Int4, [3], new byte[2]).ByteCount);
        Assert.Equal(0, OnnxTensor.From(Array.Empty<float>(), 2, 0).ByteCount);
    }

    private static byte[] External(string location, long offset)
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Node("y = Add(x, w)").Output("y", OnnxElementType.Float, 2);
        TensorProto w = new() { Name = "w", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        w.Dims.Add(2);
        w.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        w.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
        w.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = "8" });
        builder.Graph.Initializer.Add(w);
        return builder.Bytes();
    }
}

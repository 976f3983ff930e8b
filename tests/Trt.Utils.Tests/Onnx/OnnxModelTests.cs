using System.Runtime.InteropServices;
using Google.Protobuf;
using Trt.Cpu;
using Trt.Interop;
using Trt.Onnx;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public sealed class OnnxModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-onnx-").FullName;

    public OnnxModelTests() => CpuRuntime.Register();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AModelTellsWhatItIs()
    {
        using OnnxModel model = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        Assert.Equal("data: Float [N, 1, 28, 28]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("prob: Float [N, 10]", Assert.Single(model.Outputs).ToString());
        Assert.Equal(17, model.Opsets[""]);
        Assert.Equal(("main_graph", 8L, "pytorch"), (model.GraphName, model.IrVersion, model.ProducerName));
        Assert.Equal("/conv1/Conv_output_0 = Conv(data, conv1.weight, conv1.bias)", model.Nodes[0].ToString());
        Assert.Equal([5L, 5L], Assert.IsType<long[]>(model.Nodes[0].Attributes["kernel_shape"]));
        OnnxInitializer weight = model.Initializers.Single(tensor => tensor.Name == "conv1.weight");
        Assert.Equal("conv1.weight: Float [20, 1, 5, 5]", weight.ToString());
        using TorchStateDict checkpoint = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Assert.Equal(checkpoint["conv1.weight"].ToArray<float>(), model.GetInitializer("conv1.weight").ToArray<float>());
        string summary = model.Summary();
        Assert.Contains("       2 Conv" + Environment.NewLine, summary, StringComparison.Ordinal);
        Assert.Contains($"8 initializers, {(500 + 20 + 25000 + 50 + 400000 + 500 + 5000 + 10) * 4} bytes", summary, StringComparison.Ordinal);
        Assert.Contains("conv1.weight", Assert.Throws<KeyNotFoundException>(() => model.GetInitializer("conv1.weights")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsReadIsWritten()
    {
        byte[] bytes = File.ReadAllBytes(ModelFiles.Find("lenet.onnx"));
        using OnnxModel model = OnnxModel.Load(bytes);
        Assert.Equal(bytes.Length, model.ToArray().Length);
        using MemoryStream stream = new();
        model.Save(stream);
        Assert.Equal(model.ToArray(), stream.ToArray());
        stream.Position = 0;
        using OnnxModel again = OnnxModel.Load(stream);
        Assert.Equal(model.Nodes.Select(node => node.ToString()), again.Nodes.Select(node => node.ToString()));
    }

    /// <summary>A field that this version of ONNX does not have stays in the file.</summary>
    [Fact]
    public void UnknownFieldsAreKept()
    {
        byte[] bytes = [.. new OnnxBuilder().Input("x", 2).Node("a = Identity(x)").Node("y = Relu(a)").Output("y").Bytes(), .. (byte[])[0xA2, 0x3F, 3, (byte)'n', (byte)'e', (byte)'w']]; // field 1012, a text
        using OnnxModel model = OnnxModel.Load(bytes);
        model.Optimize(["eliminate_identity"]);
        Assert.Single(model.Nodes);
        Assert.True(model.ToArray().AsSpan().IndexOf("new"u8) > 0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("weights.bin")]
    public void WeightsGoBesideTheModelAndComeBack(string? name)
    {
        string path = Path.Combine(folder, "big.onnx");
        using (OnnxModel model = OnnxModel.Load(ModelFiles.Find("lenet.onnx")))
        {
            model.Save(path, new OnnxSaveOptions { ExternalData = true, ExternalFileName = name });
        }

        Assert.Equal([Path.Combine(folder, "big.onnx"), Path.Combine(folder, name ?? "big.onnx.data")], Directory.GetFiles(folder).Order());
        Assert.True(new FileInfo(path).Length < 10_000);
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        Dictionary<string, OnnxTensor> data = new() { ["data"] = OnnxTensor.From(golden["data"].ToArray<float>(), 200, 1, 28, 28) };
        using (IOnnxSession session = TensorRt.OpenOnnx(path))
        {
            Assert.True(session.Run(data)["prob"].ToArray<float>().Zip(golden["prob"].ToArray<float>(), (a, b) => Math.Abs(a - b)).Max() < 1e-4);
        }

        using OnnxModel again = OnnxModel.Load(path);
        Assert.Equal(name ?? "big.onnx.data", again.Initializers.Single(tensor => tensor.Name == "conv2.weight").Location);
        Assert.Null(again.Initializers.Single(tensor => tensor.Name == "conv1.bias").Location); // 80 bytes stay inside
        using OnnxModel original = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        Assert.Equal(original.GetInitializer("conv2.weight").ToArray<float>(), again.GetInitializer("conv2.weight").ToArray<float>());
        Assert.Equal(9, again.Simplify().After.Total);

        // Saved over itself, and in one piece.
        again.Save(path);
        Assert.Equal(2, Directory.GetFiles(folder).Length - (name is null ? 0 : 1));
        using OnnxModel third = OnnxModel.Load(path);
        Assert.Equal(original.GetInitializer("fc1.weight").ToArray<float>(), third.GetInitializer("fc1.weight").ToArray<float>());
        Assert.True(third.ToArray().Length > 1_700_000);
    }

    /// <summary>More than 2 GiB of weights, in a file that has holes in it and so takes no room.</summary>
    [SkippableFact]
    public void ModelsBeyondTwoGibibytesWork()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only here files have holes without being asked.");
        const long rows = 300_000, columns = 2048; // 2.3 GiB
        string path = Path.Combine(folder, "m.onnx");
        using (FileStream data = File.Create(Path.Combine(folder, "w.bin")))
        {
            data.SetLength(rows * columns * 4);
            data.Position = (rows - 1) * columns * 4;
            data.Write(MemoryMarshal.AsBytes<float>([1.5f, 2.5f]));
        }

        OnnxBuilder builder = new OnnxBuilder().Input("i", OnnxElementType.Int64, "n").Node("a = Gather(w, i)").Node("b = Identity(a)").Node("y = Neg(b)").Output("y");
        builder.Graph.Initializer.Add(External("w", "w.bin", 0, [rows, columns]));
        File.WriteAllBytes(path, builder.Bytes());
        using OnnxModel model = OnnxModel.Load(path);
        Assert.Equal(rows * columns * 4, model.GetInitializer("w").ByteCount);
        Assert.Contains("in one piece", Assert.Throws<InvalidOperationException>(() => model.ToArray()).Message, StringComparison.Ordinal);
        model.Optimize(options: new OnnxOptimizeOptions { InferShapes = false });
        Assert.Equal(["Gather", "Neg"], model.Nodes.Select(node => node.OpType));
        Assert.Equal([1.5f, 2.5f], LastRow(model.GetInitializer("w"), (rows - 1) * columns));
    }

    [Fact]
    public void SavingFailsWithoutALossOfWhatWasThere()
    {
        string path = Path.Combine(folder, "m.onnx");
        File.WriteAllBytes(path, [1, 2, 3]);
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Node("y = Add(x, w)").Output("y");
        builder.Graph.Initializer.Add(External("w", "gone.bin", 0, [1000]));
        using OnnxModel model = OnnxModel.Load(builder.Bytes(), folder);
        Assert.Contains("gone.bin", Assert.Throws<OnnxFormatException>(() => model.Save(path)).Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder));
        using OnnxModel lenet = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        Assert.Throws<ArgumentException>(() => lenet.Save(path, new OnnxSaveOptions { ExternalData = true, ExternalFileName = "../w.bin" }));
        Assert.Throws<ArgumentException>(() => lenet.Save(path, new OnnxSaveOptions { ExternalData = true, ExternalFileName = "m.onnx" }));
        Assert.Throws<IOException>(() => lenet.Save(Path.Combine(path, "sub", "m.onnx")));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void APartIsCutOut()
    {
        using OnnxModel model = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        using OnnxModel tail = model.Extract(["/Reshape_output_0"], ["/fc2/Gemm_output_0"]);
        Assert.Equal(["Gemm", "Relu", "Gemm"], tail.Nodes.Select(node => node.OpType));
        Assert.Equal(["fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight"], tail.Initializers.Select(tensor => tensor.Name).Order());
        Assert.Equal("/Reshape_output_0: Float [?, 800]", Assert.Single(tail.Inputs).ToString().Replace("N,", "?,", StringComparison.Ordinal));
        using OnnxModel head = model.Extract(["data"], ["/Reshape_output_0"]);
        float[] picture = OnnxBuilder.Numbers(784);
        using IOnnxSession whole = TensorRt.OpenOnnx(model.Extract(["data"], ["/fc2/Gemm_output_0"]).ToArray()), first = TensorRt.OpenOnnx(head.ToArray()), second = TensorRt.OpenOnnx(tail.ToArray());
        Dictionary<string, OnnxTensor> data = new() { ["data"] = OnnxTensor.From(picture, 1, 1, 28, 28) };
        float[] wanted = whole.Run(data).Values.Single().ToArray<float>();
        float[] got = second.Run(new Dictionary<string, OnnxTensor> { ["/Reshape_output_0"] = first.Run(data).Values.Single() }).Values.Single().ToArray<float>();
        Assert.True(wanted.Zip(got, (a, b) => Math.Abs(a - b)).Max() < 1e-4);
        Assert.Contains("data", Assert.Throws<ArgumentException>(() => model.Extract(["/Relu_output_0"], ["/Reshape_output_0"])).Message, StringComparison.Ordinal);
        Assert.Contains("prob", Assert.Throws<ArgumentException>(() => model.Extract(["data"], ["probs"])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Extract(["data"], ["data"]));
    }

    [Fact]
    public void APartHasWhatItsBranchesRead()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Input("c", OnnxElementType.Bool).Constant("w", [2f, 3f]).Constant("v", [9f, 9f]).Node("k = Neg(x)").Node("u = Abs(x)")
            .Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("r = Mul(k, w)").Output("r")), ("else_branch", new OnnxBuilder().Node("r = Identity(k)").Output("r"))).Node("z = Add(y, v)").Output("z");
        using OnnxModel model = OnnxModel.Load(builder.Bytes());
        using OnnxModel part = model.Extract(["x", "c"], ["y"]);
        Assert.Equal(["Neg", "If"], part.Nodes.Select(node => node.OpType));
        Assert.Equal(["w"], part.Initializers.Select(tensor => tensor.Name));
        Assert.Contains("c", Assert.Throws<ArgumentException>(() => model.Extract(["k"], ["y"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesChangeEverywhere()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Input("c", OnnxElementType.Bool).Node("k = Neg(x)")
            .Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("r = Mul(k, x)").Output("r")), ("else_branch", new OnnxBuilder().Node("s = Identity(k)").Output("s"))).Output("y");
        byte[] bytes = builder.Bytes();
        using OnnxModel model = OnnxModel.Load(bytes);
        model.Rename("x", "image");
        model.Rename("k", "negative");
        model.Rename("y", "result");
        model.RenameNode("Neg_1", "minus");
        model.SetMetadata("license", "none");
        Assert.Equal(["image", "c"], model.Inputs.Select(input => input.Name));
        Assert.Equal("negative = Neg(image)", model.Nodes[0].ToString());
        Assert.Equal("minus", model.Nodes[0].Name);
        Assert.Equal("none", model.Metadata["license"]);
        Assert.Equal(PassCase.Outputs(bytes)["y"].ToArray<float>(), PassCase.Outputs(model.ToArray())["result"].ToArray<float>());
        Assert.Throws<ArgumentException>(() => model.Rename("image", "r"));
        Assert.Contains("image", Assert.Throws<ArgumentException>(() => model.Rename("imag", "x")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.RenameNode("gone", "x"));
        Assert.Throws<ArgumentException>(() => model.RenameNode("minus", "If_1"));
    }

    [Fact]
    public void ShapesChangeAndOutputsFollow()
    {
        using OnnxModel model = OnnxModel.Load(ModelFiles.Find("unet.onnx"));
        model.SetShape("image", 2, 3, 128, 96);
        Assert.Equal("logits: Float [2, 4, 128, 96]", Assert.Single(model.Outputs).ToString());
        model.SetShape("image", "B", 3, "H", 64);
        Assert.Equal("image: Float [B, 3, H, 64]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("B", Assert.Single(model.Outputs).DimNames[0]);
        Assert.Contains("image", Assert.Throws<ArgumentException>(() => model.SetShape("img", 1)).Message, StringComparison.Ordinal);
        string before = model.Summary();
        Assert.Throws<InvalidOperationException>(() => model.SetShape("image", 1, 5));
        Assert.Equal(before, model.Summary());
    }

    [Fact]
    public void ShapesOfAllValuesAreAdded()
    {
        using OnnxModel model = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        model.InferShapes();
        ModelProto proto = ModelProto.Parser.ParseFrom(model.ToArray());
        Assert.Equal([20L, 24, 24], proto.Graph.ValueInfo.Single(value => value.Name == "/conv1/Conv_output_0").Type.TensorType.Shape.Dim.Skip(1).Select(dim => dim.DimValue));
        Assert.Equal(9, proto.Graph.ValueInfo.Count);
    }

    [Fact]
    public void TheBatchChangesAlsoWhereAReshapeHoldsIt()
    {
        byte[] bytes = new OnnxBuilder().Input("x", 1, 4, 3).Constant("s", [1L, 2, 6]).Constant("t", [1L, -1]).Constant("u", [2L, 1, 6]).Constant("v", [1L, 2, 6]).Constant("w", OnnxBuilder.Numbers(12))
            .Node("a = Reshape(x, s)").Node("b = Transpose(a)", ("perm", (long[])[1, 0, 2])).Node("e = Reshape(b, u)").Node("f = Transpose(b)", ("perm", (long[])[1, 0, 2])).Node("g = Reshape(f, t)").Node("k = Reshape(w, v)").Node("h = Add(a, k)")
            .Output("g", OnnxElementType.Float, 1, 12).Output("h", OnnxElementType.Float, 1, 2, 6).Bytes();
        float[] rows = OnnxBuilder.Numbers(36, 3);
        foreach (OnnxDim batch in (OnnxDim[])[3, "N"])
        {
            using OnnxModel model = OnnxModel.Load(bytes);
            model.Optimize(["eliminate_deadend"]); // e cannot have another batch, and nobody reads it
            model.SetBatchSize(batch);
            Assert.Equal($"x: Float [{batch}, 4, 3]", model.Inputs[0].ToString());
            Assert.Equal($"g: Float [{batch}, 12]", model.Outputs[0].ToString());
            using IOnnxSession session = TensorRt.OpenOnnx(model.ToArray()), one = TensorRt.OpenOnnx(bytes);
            IReadOnlyDictionary<string, OnnxTensor> all = session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From(rows, 3, 4, 3) });
            for (int i = 0; i < 3; i++)
            {
                IReadOnlyDictionary<string, OnnxTensor> single = one.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From(rows[(12 * i)..(12 * (i + 1))], 1, 4, 3) });
                Assert.Equal(single["g"].ToArray<float>(), all["g"].ToArray<float>()[(12 * i)..(12 * (i + 1))]);
                Assert.Equal(single["h"].ToArray<float>(), all["h"].ToArray<float>()[(12 * i)..(12 * (i + 1))]);
            }
        }
    }

    [Fact]
    public void ABatchThatCannotChangeIsRefused()
    {
        using OnnxModel model = OnnxModel.Load(new OnnxBuilder().Input("x", 2, 6).Constant("s", [2L, -1, 3]).Node("a = Transpose(x)").Node("y = Reshape(a, s)").Output("y", OnnxElementType.Float, 2, 2, 3).Bytes());
        Assert.Contains("Reshape", Assert.Throws<InvalidOperationException>(() => model.SetBatchSize("N")).Message, StringComparison.Ordinal);
        using OnnxModel two = OnnxModel.Load(new OnnxBuilder().Input("x", 2, 6).Input("z", 3).Node("y = Relu(x)").Output("y").Bytes());
        Assert.Contains("2, 3", Assert.Throws<InvalidOperationException>(() => two.SetBatchSize(4)).Message, StringComparison.Ordinal);
        using OnnxModel dynamic = OnnxModel.Load(ModelFiles.Find("lenet.onnx"));
        dynamic.SetBatchSize(7);
        Assert.Equal("prob: Float [7, 10]", dynamic.Outputs[0].ToString());
    }

    private static unsafe float[] LastRow(OnnxTensor tensor, long offset)
    {
        float* row = (float*)tensor.Pointer + offset;
        float[] two = [row[0], row[1]];
        GC.KeepAlive(tensor);
        return two;
    }

    private static TensorProto External(string name, string location, long offset, long[] dims)
    {
        TensorProto tensor = new() { Name = name, DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(dims);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
        return tensor;
    }
}

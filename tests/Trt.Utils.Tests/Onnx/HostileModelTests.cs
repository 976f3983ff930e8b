using Google.Protobuf;
using Trt.Cpu;
using Trt.Interop;
using Trt.Onnx;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Utils.Tests.Onnx;

/// <summary>Damaged and malicious files: an error that names the reason, or a model; never another exception, a crash or a hang.</summary>
public sealed class HostileModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-onnx-").FullName;
    private readonly ITestOutputHelper output;

    public HostileModelTests(ITestOutputHelper output)
    {
        this.output = output;
        CpuRuntime.Register();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void WhatIsNoModelIsRefused()
    {
        Assert.Contains("empty", Assert.Throws<OnnxFormatException>(() => OnnxModel.Load([])).Message, StringComparison.Ordinal);
        Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(new byte[100]));
        Assert.Throws<OnnxFormatException>(() => OnnxModel.Load("this is no model"u8));
        Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(new ModelProto { IrVersion = 8 }.ToByteArray()));
        string path = Path.Combine(folder, "empty.onnx");
        File.WriteAllBytes(path, []);
        Assert.Contains(path, Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(path)).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() => OnnxModel.Load(Path.Combine(folder, "none.onnx")));
    }

    [Fact]
    public void EveryTruncationIsRefusedOrAModel()
    {
        byte[] bytes = Example();
        int refused = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            refused += Use(bytes[..length], simplify: false) ? 0 : 1;
        }

        Assert.True(refused > bytes.Length / 2);
    }

    [Fact]
    public void CirclesAreRefused()
    {
        byte[] circle = new OnnxBuilder().Input("x", 2).Node("a = Add(x, c)").Node("b = Neg(a)").Node("c = Abs(b)").Node("y = Relu(c)").Output("y").Bytes();
        using OnnxModel model = OnnxModel.Load(circle);
        Assert.Contains("Add_1 → Abs_1 → Neg_1 → Add_1".Split(" → ")[0], Assert.Throws<OnnxFormatException>(() => model.Optimize()).Message, StringComparison.Ordinal);
        Assert.Throws<OnnxFormatException>(() => model.Extract(["x"], ["y"]));
        Assert.Throws<OnnxFormatException>(() => model.Simplify(new OnnxSimplifyOptions { Check = null }));

        byte[] self = new OnnxBuilder().Input("x", 2).Node("a = Add(x, a)").Output("a").Bytes();
        using OnnxModel own = OnnxModel.Load(self);
        Assert.Throws<OnnxFormatException>(() => own.Optimize());

        byte[] inside = new OnnxBuilder().Scalar("c", true).Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("r = Neg(y)").Output("r")), ("else_branch", new OnnxBuilder().Node("s = Neg(y)").Output("s"))).Output("y").Bytes();
        using OnnxModel branch = OnnxModel.Load(inside);
        Assert.Throws<OnnxFormatException>(() => branch.Optimize());
    }

    [Fact]
    public void ValuesMadeTwiceAreRefused()
    {
        using OnnxModel model = OnnxModel.Load(new OnnxBuilder().Input("x", 2).Node("a = Neg(x)").Node("a = Abs(x)").Output("a").Bytes());
        Assert.Contains("\"a\"", Assert.Throws<OnnxFormatException>(() => model.Optimize()).Message, StringComparison.Ordinal);
    }

    /// <summary>Dimensions that claim far more than there is, in constants, in the constants of nodes, and in what nodes would make.</summary>
    [Fact]
    public void HugeClaimsTakeNoMemory()
    {
        TensorProto claims = new() { Name = "w", DataType = 1, RawData = ByteString.CopyFrom(new byte[8]) };
        claims.Dims.Add([1L << 31, 1L << 31, 4]);
        OnnxBuilder constant = new OnnxBuilder().Input("x", 2).Node("y = Add(x, w)").Output("y");
        constant.Graph.Initializer.Add(claims);
        OnnxBuilder made = new OnnxBuilder().Constant("s", [1L << 20, 1L << 20]).Node("a = ConstantOfShape(s)").Node("b = Neg(a)").Node("y = ReduceSum(b)").Output("y");
        OnnxBuilder grown = new OnnxBuilder().Scalar("w", 1f).Constant("s", [1L << 16, 1L << 14]).Node("a = Expand(w, s)").Node("y = ReduceSum(a)").Output("y");
        OnnxBuilder channels = new OnnxBuilder().Input("x", 1, 1, 3, 3).Input("w", 1L << 40, 1, 3, 3).Scalar("b", 1f).Node("a = Conv(x, w)").Node("y = Add(a, b)").Output("y");
        foreach (OnnxBuilder builder in (OnnxBuilder[])[constant, made, grown, channels])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            using OnnxModel model = OnnxModel.Load(builder.Bytes());
            try
            {
                model.Simplify(new OnnxSimplifyOptions { Check = null });
                model.ToArray();
            }
            catch (Exception error) when (error is OnnxFormatException)
            {
                // The constant's data does not fill its dimensions.
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
        }
    }

    [Fact]
    public void AFileOfEmptyMessagesIsRefusedBeforeItIsRead()
    {
        byte[] attributes = new byte[8 << 20];
        for (int i = 0; i < attributes.Length; i += 2)
        {
            attributes[i] = 5 << 3 | 2; // an empty attribute
        }

        byte[] node = [1 << 3 | 2, .. Varint(attributes.Length), .. attributes];
        byte[] bytes = [7 << 3 | 2, .. Varint(node.Length), .. node];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("messages", Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(bytes)).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("../w.bin", "0", null, "outside")]
    [InlineData("/etc/passwd", "0", null, "outside")]
    [InlineData("w.bin", "8", null, "outside")]
    [InlineData("w.bin", "-8", null, "outside")]
    [InlineData("w.bin", "9223372036854775807", null, "outside")]
    [InlineData("w.bin", "1e3", null, "no number")]
    [InlineData("w.bin", "0", "4", "4 bytes")]
    [InlineData("none.bin", "0", null, "none.bin")]
    [InlineData(null, "0", null, "location")]
    [InlineData("sub", "0", null, "sub")]
    public void ExternalDataIsReadOnlyWhereItMayBe(string? location, string offset, string? length, string word)
    {
        string inner = Directory.CreateDirectory(Path.Combine(folder, "m", "sub")).Parent!.FullName;
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), new byte[64]);
        File.WriteAllBytes(Path.Combine(inner, "w.bin"), new byte[12]);
        TensorProto tensor = new() { Name = "w", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(2);
        foreach ((string key, string? value) in (ReadOnlySpan<(string, string?)>)[("location", location), ("offset", offset), ("length", length)])
        {
            if (value is not null)
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
            }
        }

        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Node("y = Add(x, w)").Output("y", OnnxElementType.Float, 2);
        builder.Graph.Initializer.Add(tensor);
        string path = Path.Combine(inner, "m.onnx");
        File.WriteAllBytes(path, builder.Bytes());
        using OnnxModel model = OnnxModel.Load(path);
        OnnxFormatException error = Assert.Throws<OnnxFormatException>(() => model.GetInitializer("w"));
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Throws<OnnxFormatException>(() => model.ToArray());
        Assert.Throws<OnnxFormatException>(() => model.Simplify());
        using OnnxModel memory = OnnxModel.Load(File.ReadAllBytes(path));
        Assert.Throws<OnnxFormatException>(() => memory.GetInitializer("w"));
    }

    /// <summary>Models whose file and data are links into another folder, as caches of downloads make them, work; links elsewhere do not.</summary>
    [SkippableFact]
    public void LinksOfAModelAndItsDataMayLeadToTheSamePlace()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need a right there.");
        string store = Directory.CreateDirectory(Path.Combine(folder, "store")).FullName, links = Directory.CreateDirectory(Path.Combine(folder, "links")).FullName;
        TensorProto tensor = new() { Name = "w", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(2);
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "w.bin" });
        OnnxBuilder builder = new OnnxBuilder().Input("x", 2).Node("y = Add(x, w)").Output("y", OnnxElementType.Float, 2);
        builder.Graph.Initializer.Add(tensor);
        File.WriteAllBytes(Path.Combine(store, "a1"), builder.Bytes());
        File.WriteAllBytes(Path.Combine(store, "b2"), [0, 0, 128, 63, 0, 0, 0, 64]);
        File.CreateSymbolicLink(Path.Combine(links, "m.onnx"), Path.Combine("..", "store", "a1"));
        File.CreateSymbolicLink(Path.Combine(links, "w.bin"), Path.Combine("..", "store", "b2"));
        using (OnnxModel model = OnnxModel.Load(Path.Combine(links, "m.onnx")))
        {
            Assert.Equal([1f, 2f], model.GetInitializer("w").ToArray<float>());
        }

        File.WriteAllBytes(Path.Combine(folder, "secret"), new byte[8]);
        File.Delete(Path.Combine(links, "w.bin"));
        File.CreateSymbolicLink(Path.Combine(links, "w.bin"), Path.Combine(folder, "secret"));
        using OnnxModel other = OnnxModel.Load(Path.Combine(links, "m.onnx"));
        Assert.Throws<OnnxFormatException>(() => other.GetInitializer("w"));
    }

    /// <summary>ONNX_MUTATIONS is how many; two of ten are simplified too, the others only optimised.</summary>
    [Fact]
    public void MutationsAreRefusedOrModels()
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("ONNX_MUTATIONS"), out int given) ? given : 1000;
        const int Cut = 2; // the first bytes of a model
        byte[][] models = [Example(), Loop(), File.ReadAllBytes(ModelFiles.Find("lenet.onnx"))[..4096], Shapes()];
        Random random = new(count);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            int which = random.Next(models.Length);
            byte[] mutated = i % 2 == 0 && which != Cut ? Rearrange(models[which], random) : Mutate(models[which], random);
            try
            {
                refused += Use(mutated, simplify: i % 10 < 2) ? 0 : 1;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Mutation {i} of {count}: {Convert.ToBase64String(mutated)}", error);
            }
        }

        output.WriteLine($"{refused} of {count} mutations were refused.");
        Assert.InRange(refused, 1, count - 1);
    }

    /// <summary>What one does with a model.</summary>
    /// <returns>Whether it was one.</returns>
    private static bool Use(byte[] bytes, bool simplify)
    {
        try
        {
            using OnnxModel model = OnnxModel.Load(bytes);
            model.Summary();
            foreach (OnnxNode node in model.Nodes)
            {
                Assert.NotNull(node.ToString());
            }

            if (simplify)
            {
                model.Simplify(new OnnxSimplifyOptions { Check = null });
            }
            else
            {
                model.Optimize(OnnxPasses.All, new OnnxOptimizeOptions { FixedPoint = true, InferShapes = false });
            }

            model.ToArray();
            return true;
        }
        catch (OnnxFormatException)
        {
            return false;
        }
    }

    private static byte[] Mutate(byte[] model, Random random)
    {
        List<byte> bytes = [.. model];
        for (int changes = random.Next(1, 6); changes > 0 && bytes.Count > 1; changes--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, Enumerable.Range(0, random.Next(1, 9)).Select(_ => (byte)random.Next(256)).ToArray()); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at))); break;
                default: bytes[at] = bytes[random.Next(bytes.Count)]; break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A well-formed file in which names, operators, attributes, dimensions and data are exchanged, missing or out of range.</summary>
    private static byte[] Rearrange(byte[] model, Random random)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(model);
        GraphProto[] graphs = [proto.Graph, .. proto.Graph.Node.SelectMany(node => node.Attribute).Where(attribute => attribute.G is not null).Select(attribute => attribute.G)];
        string[] names = [.. graphs.SelectMany(graph => graph.Node).SelectMany(node => node.Input.Concat(node.Output)).Append(string.Empty).Append("nowhere")];
        string[] ops = [.. graphs.SelectMany(graph => graph.Node).Select(node => node.OpType), "Gemm", "MatMul", "BatchNormalization", "LogSoftmax", "ReduceMax", "Flatten", "Dropout", "ArgMax", "Split", "Expand", "Slice", "Mul", "Pow", "Shape"];
        long[] numbers = [0, 1, -1, 2, 3, 7, -8, 1000, int.MaxValue, long.MaxValue, long.MinValue];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            GraphProto graph = graphs[random.Next(graphs.Length)];
            NodeProto node = graph.Node[random.Next(graph.Node.Count)];
            TensorProto? tensor = graph.Initializer.Count > 0 ? graph.Initializer[random.Next(graph.Initializer.Count)] : null;
            AttributeProto? attribute = node.Attribute.Count > 0 ? node.Attribute[random.Next(node.Attribute.Count)] : null;
            switch (random.Next(14))
            {
                case 0 when node.Input.Count > 0: node.Input[random.Next(node.Input.Count)] = Any(names); break;
                case 1 when node.Output.Count > 0: node.Output[random.Next(node.Output.Count)] = Any(names); break;
                case 2: node.OpType = Any(ops); break;
                case 3 when node.Input.Count > 0: node.Input.RemoveAt(random.Next(node.Input.Count)); break;
                case 4: node.Input.Add(Any(names)); break;
                case 5 when node.Output.Count > 0: node.Output.RemoveAt(random.Next(node.Output.Count)); break;
                case 6 when attribute is { Ints.Count: > 0 }: attribute.Ints[random.Next(attribute.Ints.Count)] = Any(numbers); break;
                case 7 when attribute is not null: attribute.I = Any(numbers); break;
                case 8 when attribute is not null: node.Attribute.Remove(attribute); break;
                case 9: node.Attribute.Add(new AttributeProto { Name = Any((string[])["axis", "axes", "perm", "pads", "keepdims", "to", "value", "group", "epsilon"]), I = Any(numbers), Ints = { Any(numbers), Any(numbers) }, Type = (AttributeProto.Types.AttributeType)random.Next(12) }); break;
                case 10 when tensor is { Dims.Count: > 0 }: tensor.Dims[random.Next(tensor.Dims.Count)] = Any(numbers); break;
                case 11 when tensor is not null: tensor.DataType = random.Next(28); break;
                case 12 when tensor is not null: tensor.RawData = ByteString.CopyFrom(new byte[random.Next(64)]); break;
                default: (proto.OpsetImport[0].Version, proto.IrVersion) = (random.Next(1, 24), random.Next(1, 12)); break;
            }
        }

        return proto.ToByteArray();

        T Any<T>(T[] items) => items[random.Next(items.Length)];
    }

    private static byte[] Varint(int value)
    {
        List<byte> bytes = [];
        for (; value >= 128; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        return [.. bytes, (byte)value];
    }

    private static byte[] Example() => new OnnxBuilder().Input("x", 1, 1, 4, 4).Constant("w", OnnxBuilder.Numbers(9), 1, 1, 3, 3).Constant("p", [0L, 0, 1, 1, 0, 0, 1, 1]).Scalar("c", true).Constant("b", [0.5f])
        .Node("a = Pad(x, p)").Node("d = Conv(a, w)").Node("e = Add(d, b)").Node("f = Identity(e)").Node("g = Transpose(f)").Node("h = Transpose(g)", ("perm", (long[])[3, 2, 1, 0]))
        .Node("i = If(c)", ("then_branch", new OnnxBuilder().Node("r = Mul(h, b)").Output("r")), ("else_branch", new OnnxBuilder().Node("s = Neg(h)").Output("s")))
        .Node("k = Constant()", ("value", OnnxBuilder.FloatTensor([1], 2))).Node("l = Concat(i, h)", ("axis", 1)).Node("m = Concat(l, h)", ("axis", 1)).Node("n = Softmax(m)").Node("y = Log(n)").Output("y").Bytes();

    private static byte[] Loop() => new OnnxBuilder().Input("x", 2).Scalar("n", 3L).Scalar("go", true).Node("k = Neg(x)").Node("y, ys = Loop(n, go, x)", ("body",
        new OnnxBuilder().Input("i", OnnxElementType.Int64).Input("g", OnnxElementType.Bool).Input("v", 2).Node("a = Identity(k)").Node("w = Add(v, a)").Node("h = Identity(g)").Node("s = Identity(w)").Output("h", OnnxElementType.Bool).Output("w", OnnxElementType.Float, 2).Output("s", OnnxElementType.Float, 2)))
        .Output("y").Output("ys").Bytes();

    private static byte[] Shapes() => new OnnxBuilder().Input("x", "N", "L", 8).Node("s = Shape(x)").Constant("i", [0L, 1]).Node("n = Gather(s, i)").Constant("r", [2L, 4]).Node("c = Concat(n, r)", ("axis", 0)).Node("a = Reshape(x, c)")
        .Constant("ax", [-1L]).Node("q = ReduceSum(a, ax)", ("keepdims", 0)).Node("u = Unsqueeze(q, ax)").Node("v = Unsqueeze(u, ax)").Node("w = Squeeze(v, ax)").Node("t = Squeeze(w, ax)").Node("y = Cast(t)", ("to", 1)).Output("y").Bytes();
}

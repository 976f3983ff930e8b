using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public class BranchTests
{
    private static readonly PassCase[] Cases =
    [
        new("then", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("y = If(c)", ("then_branch", Body("Neg(x)")), ("else_branch", Body("Abs(x)"))).Output("y"), "Neg 1"),
        new("else", "eliminate_if_with_const_cond", X().Scalar("c", false).Node("y = If(c)", ("then_branch", Body("Neg(x)")), ("else_branch", Body("Abs(x)"))).Output("y"), "Abs 1"),
        new("a condition that is an input", "eliminate_if_with_const_cond", X().Input("c", OnnxElementType.Bool).Node("y = If(c)", ("then_branch", Body("Neg(x)")), ("else_branch", Body("Abs(x)"))).Output("y"), "Abs 1, If 1, Neg 1"),
        new("names that are there already", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("r = Neg(x)").Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("r = Abs(x)").Scalar("k", 3f).Node("s = Mul(r, k)").Output("s")), ("else_branch", Body("Abs(x)")))
            .Node("z = Add(y, r)").Output("y").Output("z"), "Abs 1, Add 1, Mul 1, Neg 1") { Initializers = 2, Runs = false },
        new("names that are in the other branch too", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("r = Abs(x)").Scalar("k", 3f).Node("s = Mul(r, k)").Output("s")),
            ("else_branch", new OnnxBuilder().Node("r = Neg(x)").Output("r"))).Output("y"), "Abs 1, Mul 1") { Initializers = 2 },
        new("outputs that are constants and values from outside", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("o = Neg(x)")
            .Node("p, q = If(c)", ("then_branch", new OnnxBuilder().Constant("k", [5f, 6f]).Node("b = Identity(o)").Output("k").Output("b")),
                ("else_branch", new OnnxBuilder().Node("a = Abs(x)").Node("d = Relu(x)").Output("a").Output("d")))
            .Output("p").Output("q"), "Identity 2, Neg 1"),
        new("an output that is twice the same", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("o = Neg(x)")
            .Node("p, q, r = If(c)", ("then_branch", new OnnxBuilder().Constant("k", [5f, 6f]).Node("a = Abs(x)").Node("b = Identity(o)").Output("k").Output("a").Output("a")),
                ("else_branch", new OnnxBuilder().Node("a = Abs(x)").Node("b = Neg(x)").Node("d = Relu(x)").Output("a").Output("b").Output("d")))
            .Output("p").Output("q").Output("r"), "Abs 1, Identity 3, Neg 1") { Runs = false },
        new("one in the other", "eliminate_if_with_const_cond", X().Scalar("c", true).Node("y = If(c)",
                ("then_branch", new OnnxBuilder().Node("t = Neg(x)").Node("r = If(c)", ("then_branch", new OnnxBuilder().Node("t = Relu(x)").Node("u = Add(t, x)").Output("u")), ("else_branch", new OnnxBuilder().Node("u = Abs(t)").Output("u"))).Node("v = Add(r, t)").Output("v")),
                ("else_branch", Body("Abs(x)"))).Output("y"), "Add 2, Neg 1, Relu 1") { Runs = false },
        new("one inside that has a value of the same name", "eliminate_if_with_const_cond", X().Scalar("c", true).Input("d", OnnxElementType.Bool).Node("t = Sqrt(x)").Node("y = If(c)",
                ("then_branch", new OnnxBuilder().Node("t = Neg(x)").Node("r = If(d)", ("then_branch", new OnnxBuilder().Node("w = Relu(t)").Output("w")), ("else_branch", new OnnxBuilder().Node("w = Abs(t)").Output("w"))).Output("r")),
                ("else_branch", Body("Abs(x)"))).Node("z = Abs(t)").Output("y").Output("z"), "Abs 2, If 1, Neg 1, Relu 1, Sqrt 1") { Runs = false },

        new("inside of a loop", "eliminate_identity", new OnnxBuilder().Input("x", 2).Scalar("n", 3L).Scalar("go", true).Node("k = Neg(x)").Node("y, ys = Loop(n, go, x)", ("body",
            new OnnxBuilder().Input("i", OnnxElementType.Int64).Input("g", OnnxElementType.Bool).Input("v", 2).Node("a = Identity(k)").Node("w = Add(v, a)").Node("h = Identity(g)").Node("s = Identity(w)").Output("h", OnnxElementType.Bool).Output("w", OnnxElementType.Float, 2).Output("s", OnnxElementType.Float, 2)))
            .Output("y").Output("ys"), "Add 1, Identity 2, Loop 1, Neg 1"),
    ];

    public static TheoryData<string> Names => PassCase.Names(Cases);

    [Theory]
    [MemberData(nameof(Names))]
    public void GraphsInsideAreRespected(string name) => PassCase.Run(Cases, name);

    /// <summary>ONNX Runtime refuses graphs in which a name means several values, so these have no outputs before; what they should be is plain.</summary>
    [Fact]
    public void NamesThatMeantSeveralValuesMeanOneEach()
    {
        CpuRuntime.Register();
        using OnnxModel clash = OnnxModel.Load(Cases.Single(item => item.Name == "names that are there already").Model.Bytes());
        clash.Optimize(["eliminate_if_with_const_cond"]);
        Dictionary<string, OnnxTensor> x = new() { ["x"] = OnnxTensor.From<float>([2, -3]) };
        using IOnnxSession session = TensorRt.OpenOnnx(clash.ToArray());
        Assert.Equal([6f, 9f], session.Run(x)["y"].ToArray<float>()); // 3 |x|
        Assert.Equal([4f, 12f], session.Run(x)["z"].ToArray<float>()); // 3 |x| − x

        using OnnxModel nested = OnnxModel.Load(Cases.Single(item => item.Name == "one in the other").Model.Bytes());
        nested.Optimize(["eliminate_if_with_const_cond"]);
        using IOnnxSession second = TensorRt.OpenOnnx(nested.ToArray());
        Assert.Equal([2f, 0f], second.Run(x)["y"].ToArray<float>()); // (max(x, 0) + x) − x
    }

    [Fact]
    public void ReferencesFromInsideAreListedWhereRuntimesTakeThem()
    {
        CpuRuntime.Register();
        byte[] bytes = X().Scalar("c", true).Node("k = Neg(x)").Node("y = If(c)", ("then_branch", Body("Add(x, k)")), ("else_branch", Body("Abs(x)"))).Output("y").Bytes();
        using OnnxModel model = OnnxModel.Load(bytes);
        Assert.Equal(1, model.Optimize(["lift_lexical_references"]).Changes["lift_lexical_references"]);
        Assert.Empty(model.Optimize(["lift_lexical_references"]).Changes);
        byte[] saved = model.ToArray();
        Assert.Equal("k,x", Trt.Onnx.ModelProto.Parser.ParseFrom(saved).Graph.Node.Single(node => node.OpType == "If").MetadataProps.Single().Value);
        Assert.Equal(PassCase.Outputs(bytes)["y"].ToArray<float>(), PassCase.Outputs(saved)["y"].ToArray<float>());
    }

    private static OnnxBuilder X() => new OnnxBuilder().Input("x", 2);

    private static OnnxBuilder Body(string expression) => new OnnxBuilder().Node($"r = {expression}").Output("r");
}

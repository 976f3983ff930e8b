using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public class OnnxReducerTests
{
    public OnnxReducerTests() => CpuRuntime.Register();

    [Fact]
    public void The_one_node_that_fails_is_found_between_two_branches_and_gets_the_values_that_it_had()
    {
        // y = (x + 1) * 2 and, beside it, exp(x); both are added, then -.
        using OnnxModel model = Load(new OnnxBuilder().Input("x", 2).Scalar("one", 1f).Scalar("two", 2f)
            .Node("a = Add(x, one)").Node("b = Mul(a, two)").Node("c = Exp(x)").Node("d = Add(b, c)").Node("y = Neg(d)").Output("y", OnnxElementType.Float, 2));
        using OnnxReducer reducer = new(model, new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From([3f, 4f]) });
        List<OnnxReductionTry> heard = [];
        using OnnxReduction? found = reducer.Reduce(part => part.Model.Nodes.Any(node => node.OpType == "Mul"), new Direct(heard));
        Assert.NotNull(found);
        Assert.Equal("b = Mul(a, two)", Assert.Single(found.Model.Nodes).ToString());
        Assert.Equal([4f, 5f], found.Inputs["a"].ToArray<float>());
        Assert.Equal((1, 5), (found.NodeCount, found.OriginalNodeCount));
        Assert.Equal(found.Tries, heard);

        // The part is a model that runs.
        using IOnnxSession session = TensorRt.OpenOnnx(found.Model.ToArray());
        Assert.Equal([8f, 10f], session.Run(found.Inputs)["b"].ToArray<float>());
    }

    [Fact]
    public void Nodes_that_fail_only_together_stay_together()
    {
        OnnxBuilder chain = new OnnxBuilder().Input("t0", 4);
        string[] operators = [.. Enumerable.Range(0, 30).Select(i => i is 7 ? "Sin" : i is 19 ? "Cos" : "Neg")];
        for (int i = 0; i < operators.Length; i++)
        {
            chain.Node($"t{i + 1} = {operators[i]}(t{i})");
        }

        using OnnxModel model = Load(chain.Output("t30", OnnxElementType.Float, 4));
        using OnnxReducer reducer = new(model, new Dictionary<string, OnnxTensor> { ["t0"] = OnnxTensor.From([1f, 2, 3, 4]) });
        using OnnxReduction? found = reducer.Reduce(part => part.Model.Nodes.Any(node => node.OpType == "Sin") && part.Model.Nodes.Any(node => node.OpType == "Cos"));

        // From the one to the other, with all between.
        Assert.Equal(13, found!.NodeCount);
        Assert.Equal(("Sin", "Cos"), (found.Model.Nodes[0].OpType, found.Model.Nodes[^1].OpType));
        Assert.Null(reducer.Reduce(part => part.Model.Nodes.Any(node => node.OpType == "Tan")));
    }

    [Fact]
    public void Shapes_that_are_computed_become_constants_so_that_parts_stay_static()
    {
        // y = reshape(relu(x), [shape(x)[0], -1]), then exp.
        using OnnxModel model = Load(new OnnxBuilder().Input("x", "N", 2, 3).Constant("zero", new long[] { 0 }).Constant("rest", new long[] { -1 })
            .Node("s = Shape(x)").Node("n = Gather(s, zero)").Node("to = Concat(n, rest)", ("axis", 0)).Node("r = Relu(x)").Node("f = Reshape(r, to)").Node("y = Exp(f)").Output("y", OnnxElementType.Float, "N", 6));
        using OnnxReducer reducer = new(model, new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From(new float[12], 2, 2, 3) });
        using OnnxReduction? found = reducer.Reduce(part => part.Model.Nodes.Any(node => node.OpType == "Reshape"));
        Assert.Equal("Reshape", Assert.Single(found!.Model.Nodes).OpType);
        Assert.Equal(["r"], found.Model.Inputs.Select(input => input.Name));
        Assert.Equal([2L, -1], found.Model.GetInitializer("to").ToArray<long>());
    }

    [Fact]
    public void Without_values_models_are_taken_apart_all_the_same()
    {
        // ONNX Runtime has no such operator, so nothing behind it has a value.
        using OnnxModel model = Load(new OnnxBuilder().Input("x", 2).Node("a = Neg(x)").Node("b = mine:Strange(a)").Node("c = Neg(b)").Node("y = Abs(c)").Output("y", OnnxElementType.Float, 2));
        using OnnxReducer reducer = new(model);
        using OnnxReduction? found = reducer.Reduce(part => part.Model.Nodes.Any(node => node.OpType == "Strange"));
        Assert.Equal(["Strange"], found!.Model.Nodes.Select(node => node.OpType));
        Assert.Empty(found.Inputs);
    }

    [Fact]
    public void All_tensors_become_outputs_and_inputs_become_constants()
    {
        using OnnxModel model = Load(new OnnxBuilder().Input("x", 2).Input("k", 2).Scalar("one", 1f).Node("a = Add(x, one)").Node("b = Mul(a, k)").Node("y = Neg(b)").Output("y", OnnxElementType.Float, 2));
        Assert.Equal(["a", "b", "y"], model.MarkAllOutputs());
        Assert.Equal(["a", "b", "y"], model.Outputs.Select(output => output.Name).Order());
        model.SetConstant("k", OnnxTensor.From([5f, 6f]));
        Assert.Equal(["x"], model.Inputs.Select(input => input.Name));
        using IOnnxSession session = TensorRt.OpenOnnx(model.ToArray());
        Assert.Equal([10f, 18f], session.Run(new Dictionary<string, OnnxTensor> { ["x"] = OnnxTensor.From([1f, 2f]) })["b"].ToArray<float>());
        Assert.Throws<ArgumentException>(() => model.SetConstant("x", OnnxTensor.From([1f, 2f, 3f])));
        Assert.Throws<ArgumentException>(() => model.MarkOutputs(["nothing"]));
    }

    private static OnnxModel Load(OnnxBuilder builder) => OnnxModel.Load(builder.Bytes());

    private sealed class Direct(List<OnnxReductionTry> heard) : IProgress<OnnxReductionTry>
    {
        public void Report(OnnxReductionTry value) => heard.Add(value);
    }
}

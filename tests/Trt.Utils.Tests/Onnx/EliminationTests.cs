using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

public class EliminationTests
{
    private static readonly PassCase[] Cases =
    [
        new("a chain that nobody reads", "eliminate_deadend", X(2).Node("a = Neg(x)").Node("b = Abs(a)").Node("y = Relu(x)").Output("y"), "Relu 1"),
        new("one of two outputs is read", "eliminate_deadend", X(4).Node("a, b = Split(x)", ("axis", 0L), ("num_outputs", 2L)).Node("y = Relu(b)").Output("y"), "Relu 1, Split 1") { Opset = 18 },
        new("read inside of a branch only", "eliminate_deadend", X(2).Node("a = Neg(x)").Scalar("c", true).Node("y = If(c)", ("then_branch", Body("Relu(a)")), ("else_branch", Body("Abs(x)"))).Output("y"), "Abs 1, If 1, Neg 1, Relu 1"),

        new("between nodes", "eliminate_identity", X(2).Node("a = Neg(x)").Node("b = Identity(a)").Node("y = Relu(b)").Output("y"), "Neg 1, Relu 1"),
        new("at an output", "eliminate_identity", X(2).Node("a = Neg(x)").Node("y = Identity(a)").Node("z = Relu(a)").Output("y").Output("z"), "Neg 1, Relu 1"),
        new("from input to output", "eliminate_identity", X(2).Node("y = Identity(x)").Output("y"), "Identity 1"),
        new("of another output", "eliminate_identity", X(2).Node("z = Neg(x)").Node("y = Identity(z)").Output("y").Output("z"), "Identity 1, Neg 1"),
        new("of a constant to an output", "eliminate_identity", X(2).Constant("w", [1f, 2f]).Node("y = Identity(w)").Node("z = Neg(x)").Output("y").Output("z"), "Identity 1, Neg 1"),
        new("read inside of a branch", "eliminate_identity", X(2).Node("a = Neg(x)").Node("b = Identity(a)").Scalar("c", true)
            .Node("y = If(c)", ("then_branch", Body("Relu(b)")), ("else_branch", Body("Abs(b)"))).Output("y"), "Abs 1, If 1, Neg 1, Relu 1"),
        new("whose source's name means something else inside", "eliminate_identity", X(2).Node("a = Neg(x)").Node("b = Identity(a)").Scalar("c", true)
            .Node("y = If(c)", ("then_branch", new OnnxBuilder().Node("a = Sqrt(b)").Node("r = Relu(a)").Output("r")), ("else_branch", Body("Abs(b)"))).Output("y"), "Abs 1, Identity 1, If 1, Neg 1, Relu 1, Sqrt 1") { Runs = false },

        new("to the input's type", "eliminate_nop_cast", X(2).Node("a = Cast(x)", ("to", 1)).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("to another type", "eliminate_nop_cast", X(2).Node("a = Cast(x)", ("to", 11)).Node("y = Relu(a)").Output("y"), "Cast 1, Relu 1"),
        new("of an inferred type", "eliminate_nop_cast", X(2).Node("a = Shape(x)").Node("b = Cast(a)", ("to", 7)).Node("y = Neg(b)").Output("y"), "Neg 1, Shape 1"),

        new("without training", "eliminate_nop_dropout", X(2).Scalar("r", 0.5f).Node("a = Dropout(x, r)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("of operator set 11", "eliminate_nop_dropout", X(2).Node("a = Dropout(x)", ("ratio", 0.9f)).Node("y = Relu(a)").Output("y"), "Relu 1") { Opset = 11 },
        new("in training with ratio 0", "eliminate_nop_dropout", X(2).Scalar("r", 0f).Scalar("t", true).Node("a = Dropout(x, r, t)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("whose mask is read", "eliminate_nop_dropout", X(2).Node("a, m = Dropout(x)").Node("y = Relu(a)").Output("y").Output("m"), "Dropout 1, Relu 1"),

        new("of a matrix", "eliminate_nop_flatten", X(2, 3).Node("a = Flatten(x)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("of a row at axis 0", "eliminate_nop_flatten", X(1, 3).Node("a = Flatten(x)", ("axis", 0)).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("at axis −1", "eliminate_nop_flatten", X("N", 3).Node("a = Flatten(x)", ("axis", -1)).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("of three axes", "eliminate_nop_flatten", X(2, 3, 4).Node("a = Flatten(x)").Node("y = Relu(a)").Output("y"), "Flatten 1, Relu 1"),
        new("of a matrix at axis 0", "eliminate_nop_flatten", X(2, 3).Node("a = Flatten(x)", ("axis", 0)).Node("y = Relu(a)").Output("y"), "Flatten 1, Relu 1"),

        new("Exp", "eliminate_nop_monotone_argmax", X(3, 4).Node("a = Exp(x)").Node("y = ArgMax(a)", ("axis", 1)).Output("y"), "ArgMax 1"),
        new("Softmax of the same axis", "eliminate_nop_monotone_argmax", X(3, 4).Node("a = Softmax(x)", ("axis", -1)).Node("y = ArgMax(a)", ("axis", 1), ("keepdims", 0)).Output("y"), "ArgMax 1"),
        new("Softmax of another axis", "eliminate_nop_monotone_argmax", X(3, 4).Node("a = Softmax(x)", ("axis", 0)).Node("y = ArgMax(a)", ("axis", 1)).Output("y"), "ArgMax 1, Softmax 1"),
        new("Softmax of operator set 11, over an axis behind", "eliminate_nop_monotone_argmax", X(2, 3, 4).Node("a = Softmax(x)").Node("y = ArgMax(a)", ("axis", 2)).Output("y"), "ArgMax 1") { Opset = 11 },
        new("Neg", "eliminate_nop_monotone_argmax", X(3, 4).Node("a = Neg(x)").Node("y = ArgMax(a)", ("axis", 1)).Output("y"), "ArgMax 1, Neg 1"),

        new("zeros as an input", "eliminate_nop_pad", X(2, 3).Constant("p", [0L, 0, 0, 0]).Node("a = Pad(x, p)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("zeros as an attribute", "eliminate_nop_pad", X(2, 3).Node("a = Pad(x)", ("pads", (long[])[0, 0, 0, 0])).Node("y = Relu(a)").Output("y"), "Relu 1") { Opset = 10 },
        new("one of them not zero", "eliminate_nop_pad", X(2, 3).Constant("p", [0L, 0, 1, 0]).Node("a = Pad(x, p)").Node("y = Relu(a)").Output("y"), "Pad 1, Relu 1"),

        new("no axis moves", "eliminate_nop_transpose", X(2, 3).Node("a = Transpose(x)", ("perm", (long[])[0, 1])).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("one axis without a permutation", "eliminate_nop_transpose", X(3).Node("a = Transpose(x)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("two axes without a permutation", "eliminate_nop_transpose", X(2, 3).Node("a = Transpose(x)").Node("y = Relu(a)").Output("y"), "Relu 1, Transpose 1"),

        new("unread", "eliminate_unused_initializer", X(2).Scalar("u", 1f).Scalar("w", 2f).Node("y = Mul(x, w)").Output("y"), "Mul 1") { Initializers = 1 },
        new("read inside of a branch only", "eliminate_unused_initializer", X(2).Scalar("w", 2f).Scalar("c", true).Node("y = If(c)", ("then_branch", Body("Mul(x, w)")), ("else_branch", Body("Abs(x)"))).Output("y"), "Abs 1, If 1, Mul 1") { Initializers = 2 },
        new("that is an input too", "eliminate_unused_initializer", X(2).Input("u", OnnxElementType.Float).Scalar("u", 1f).Node("y = Relu(x)").Output("y"), "Relu 1") { Initializers = 0 },

        new("equal ones", "eliminate_duplicate_initializer", X(2).Constant("a", [1f, 2f]).Constant("b", [1f, 2f]).Constant("c", [1f, 3f]).Constant("d", [1f, 2f], 1, 2)
            .Node("p = Add(x, a)").Node("q = Mul(p, b)").Node("r = Sub(q, c)").Node("y = Add(r, d)").Output("y"), "Add 2, Mul 1, Sub 1") { Initializers = 3 },
        new("one that can be set", "eliminate_duplicate_initializer", X(2).Input("b", 2).Constant("a", [1f, 2f]).Constant("b", [1f, 2f]).Node("p = Add(x, a)").Node("y = Mul(p, b)").Output("y"), "Add 1, Mul 1") { Initializers = 2 },

        new("of every form", "extract_constant_to_initializer", X(2).Node("a = Constant()", ("value", OnnxBuilder.FloatTensor([2], 1, 2))).Node("b = Constant()", ("value_float", 2f)).Node("c = Constant()", ("value_floats", (float[])[3, 4]))
            .Node("d = Constant()", ("value_ints", (long[])[2])).Node("p = Add(x, a)").Node("q = Mul(p, b)").Node("r = Sub(q, c)").Node("y = Reshape(r, d)").Output("y"), "Add 1, Mul 1, Reshape 1, Sub 1") { Initializers = 4 },
        new("that is an output", "extract_constant_to_initializer", X(2).Node("a = Constant()", ("value_float", 2f)).Node("y = Mul(x, a)").Output("y").Output("a"), "Constant 1, Mul 1"),
        new("of IR version 3, where initializers are inputs", "extract_constant_to_initializer", X(2).Input("w", 2).Constant("w", [3f, 4f]).Node("a = Constant()", ("value", OnnxBuilder.FloatTensor([2], 1, 2))).Node("p = Add(x, a)").Node("y = Mul(p, w)").Output("y"), "Add 1, Mul 1") { Opset = 9, IrVersion = 3, Initializers = 2 },

        new("to the same shape", "eliminate_nop_reshape", X("N", 3, 4).Constant("s", [0L, -1, 4]).Node("a = Reshape(x, s)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("to another shape", "eliminate_nop_reshape", X(4, 3).Constant("s", [3L, 4]).Node("a = Reshape(x, s)").Node("y = Relu(a)").Output("y"), "Relu 1, Reshape 1"),
        new("to the same shape with dynamic extents in other places", "eliminate_nop_reshape", X("N", "M").Constant("s", [-1L, 2]).Node("a = Reshape(x, s)").Node("y = Relu(a)").Output("y"), "Relu 1, Reshape 1"),
        new("to the same shape", "eliminate_nop_expand", X(2, 3).Constant("s", [1L, 3]).Node("a = Expand(x, s)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("by one axis more", "eliminate_nop_expand", X(2, 3).Constant("s", [1L, 2, 3]).Node("a = Expand(x, s)").Node("y = Relu(a)").Output("y"), "Expand 1, Relu 1"),
        new("of one", "eliminate_nop_concat", X(2).Node("a = Concat(x)", ("axis", 0)).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("into one", "eliminate_nop_split", X(2).Node("a = Split(x)", ("axis", 0)).Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("all of them", "eliminate_nop_with_unit", X(2, 2).Scalar("zero", 0f).Constant("one", [1f], 1, 1).Node("a = Add(zero, x)").Node("b = Sub(a, zero)").Node("c = Mul(b, one)").Node("d = Div(c, one)").Node("y = Neg(d)").Output("y"), "Neg 1"),
        new("the other way round", "eliminate_nop_with_unit", X(2).Scalar("zero", 0f).Scalar("one", 1f).Node("a = Sub(zero, x)").Node("y = Div(one, a)").Output("y"), "Div 1, Sub 1"),
        new("that adds an axis", "eliminate_nop_with_unit", X(2).Constant("one", [1f], 1, 1).Node("a = Mul(x, one)").Node("y = Neg(a)").Output("y"), "Mul 1, Neg 1"),
        new("twice", "eliminate_consecutive_idempotent_ops", X(2).Node("a = Relu(x)").Node("y = Relu(a)").Output("y"), "Relu 1"),
        new("two shapes", "eliminate_consecutive_idempotent_ops", X(2, 6).Constant("s", [3L, 4]).Constant("t", [4L, 3]).Node("a = Reshape(x, s)").Node("y = Reshape(a, t)").Output("y"), "Reshape 1"),
        new("two shapes, of which the second copies", "eliminate_consecutive_idempotent_ops", X(2, 6).Constant("s", [3L, 4]).Constant("t", [0L, 2, 2]).Node("a = Reshape(x, s)").Node("y = Reshape(a, t)").Output("y"), "Reshape 2"),
        new("equal chains", "eliminate_common_subexpression", X(2, 2).Node("a = Transpose(x)", ("perm", (long[])[1, 0])).Node("b = Transpose(x)", ("perm", (long[])[1, 0])).Node("c = Neg(a)").Node("d = Neg(b)").Node("y = Add(c, d)").Output("y"), "Add 1, Neg 1, Transpose 1"),
        new("other attributes", "eliminate_common_subexpression", X(2, 2).Node("a = Softmax(x)", ("axis", 0)).Node("b = Softmax(x)", ("axis", 1)).Node("y = Add(a, b)").Output("y"), "Add 1, Softmax 2"),
        new("drawn by lot", "eliminate_common_subexpression", X(2).Node("a = RandomNormalLike(x)").Node("b = RandomNormalLike(x)").Node("c = Sub(a, b)").Node("d = Shape(c)").Node("y = Neg(d)").Output("y"), "Neg 1, RandomNormalLike 2, Shape 1, Sub 1"),

        new("static", "eliminate_shape_op", X(2, 3).Node("a = Shape(x)").Node("y = Neg(a)").Output("y"), "Neg 1"),
        new("a part that is static", "eliminate_shape_op", X("N", 3, 4).Node("a = Shape(x)", ("start", 1)).Node("y = Neg(a)").Output("y"), "Neg 1"),
        new("dynamic", "eliminate_shape_op", X("N", 3).Node("a = Shape(x)").Node("y = Neg(a)").Output("y"), "Neg 1, Shape 1"),
        new("one that is static", "eliminate_shape_gather", X("N", 3).Node("a = Shape(x)").Scalar("i", -1L).Node("b = Gather(a, i)").Node("y = Neg(b)").Output("y"), "Neg 1, Shape 1"),
        new("one that is dynamic", "eliminate_shape_gather", X("N", 3).Node("a = Shape(x)").Scalar("i", 0L).Node("b = Gather(a, i)").Node("y = Neg(b)").Output("y"), "Gather 1, Neg 1, Shape 1"),
        new("static", "eliminate_slice_after_shape", X("N", 3, 4).Node("a = Shape(x)").Constant("s", [1L]).Constant("e", [3L]).Node("b = Slice(a, s, e)").Node("y = Neg(b)").Output("y"), "Neg 1, Shape 1"),
    ];

    public static TheoryData<string> Names => PassCase.Names(Cases);

    [Theory]
    [MemberData(nameof(Names))]
    public void NodesGoAndOutputsStay(string name) => PassCase.Run(Cases, name);

    private static OnnxBuilder X(params object[] dims) => new OnnxBuilder().Input("x", dims);

    private static OnnxBuilder Body(string expression) => new OnnxBuilder().Node($"r = {expression}").Output("r");
}

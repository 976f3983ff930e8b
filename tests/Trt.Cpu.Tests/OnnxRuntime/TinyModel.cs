using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu.Tests.OnnxRuntime;

/// <summary>Small ONNX models, encoded field by field.</summary>
internal sealed class TinyModel
{
    private readonly ProtoWriter graph = new ProtoWriter().Text(2, "graph");

    /// <summary>y = a + b with elements of a type; dimensions are numbers or names.</summary>
    public static byte[] Add(OrtElementType type, params object[] shape) => new TinyModel()
        .Input("a", type, shape).Input("b", type, shape).Node("Add", ["a", "b"], ["y"]).Output("y", type, shape).ToModel();

    /// <summary>y = x · w + b, where w is declared as external data of a file that does not exist, and b has its values in the model.</summary>
    public static byte[] Scaled(int count, float offset) => new TinyModel()
        .Input("x", OrtElementType.Float, count).External("w", OrtElementType.Float, count).Values("b", [count], Enumerable.Repeat(offset, count).ToArray())
        .Node("Mul", ["x", "w"], ["xw"]).Node("Add", ["xw", "b"], ["y"]).Output("y", OrtElementType.Float, count).ToModel();

    /// <summary>indices = NonZero(x), of which only a run knows how many there are.</summary>
    public static byte[] NonZero() => new TinyModel()
        .Input("x", OrtElementType.Float, "n").Node("NonZero", ["x"], ["indices"]).Node("Neg", ["x"], ["negated"])
        .Output("indices", OrtElementType.Int64, 1, "count").Output("negated", OrtElementType.Float, "n").ToModel();

    /// <summary>A loop that adds 1 to x as often as the input trips says: a run can take as long as one likes.</summary>
    public static byte[] Count()
    {
        TinyModel body = new TinyModel().Input("i", OrtElementType.Int64).Input("go_in", OrtElementType.Bool).Input("v_in", OrtElementType.Float)
            .Values("one", [], [1f]).Node("Identity", ["go_in"], ["go_out"]).Node("Add", ["v_in", "one"], ["v_out"])
            .Output("go_out", OrtElementType.Bool).Output("v_out", OrtElementType.Float);
        return new TinyModel().Input("trips", OrtElementType.Int64).Input("x", OrtElementType.Float)
            .Node("Loop", ["trips", "", "x"], ["y"], new ProtoWriter().Text(1, "body").Message(6, body.graph).Number(20, 5))
            .Output("y", OrtElementType.Float).ToModel();
    }

    public TinyModel Input(string name, OrtElementType type, params object[] shape)
    {
        graph.Message(11, Value(name, type, shape));
        return this;
    }

    public TinyModel Output(string name, OrtElementType type, params object[] shape)
    {
        graph.Message(12, Value(name, type, shape));
        return this;
    }

    public TinyModel Node(string op, string[] inputs, string[] outputs, params ProtoWriter[] attributes) => Node(string.Empty, op, inputs, outputs, attributes);

    public TinyModel Node(string domain, string op, string[] inputs, string[] outputs, params ProtoWriter[] attributes)
    {
        ProtoWriter node = new();
        Array.ForEach(inputs, name => node.Text(1, name));
        Array.ForEach(outputs, name => node.Text(2, name));
        node.Text(3, op + "_" + outputs[0]).Text(4, op).Text(7, domain);
        Array.ForEach(attributes, attribute => node.Message(5, attribute));
        graph.Message(1, node);
        return this;
    }

    public TinyModel Values(string name, long[] shape, float[] values)
    {
        graph.Message(5, Tensor(name, OrtElementType.Float, shape).Bytes(9, MemoryMarshal.AsBytes<float>(values)));
        return this;
    }

    public TinyModel External(string name, OrtElementType type, params long[] shape)
    {
        graph.Message(5, Tensor(name, type, shape).Message(13, new ProtoWriter().Text(1, "location").Text(2, "not-there.bin")).Number(14, 1));
        return this;
    }

    public byte[] ToModel() => new ProtoWriter().Number(1, 8).Message(7, graph).Message(8, new ProtoWriter().Text(1, string.Empty).Number(2, 17))
        .Message(8, new ProtoWriter().Text(1, OrtKernelSet.Domain).Number(2, 1)).ToArray();

    private static ProtoWriter Tensor(string name, OrtElementType type, long[] shape)
    {
        ProtoWriter tensor = new();
        Array.ForEach(shape, dimension => tensor.Number(1, dimension));
        return tensor.Number(2, (int)type).Text(8, name);
    }

    private static ProtoWriter Value(string name, OrtElementType type, object[] shape)
    {
        ProtoWriter dimensions = new();
        foreach (object dimension in shape)
        {
            dimensions.Message(1, dimension is string symbol ? new ProtoWriter().Text(2, symbol) : new ProtoWriter().Number(1, Convert.ToInt64(dimension)));
        }

        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, new ProtoWriter().Number(1, (int)type).Message(2, dimensions)));
    }
}

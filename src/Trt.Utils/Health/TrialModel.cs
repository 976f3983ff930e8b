using Google.Protobuf;
using Trt.Onnx;

namespace Trt.Utils;

/// <summary>The smallest ONNX model that a parser can be tried with.</summary>
internal static class TrialModel
{
    /// <summary>y = Relu(x) for four floats, opset 13.</summary>
    public static byte[] Relu { get; } = new ModelProto
    {
        IrVersion = 8,
        OpsetImport = { new OperatorSetIdProto { Version = 13 } },
        Graph = new GraphProto
        {
            Name = "trial",
            Node = { new NodeProto { OpType = "Relu", Input = { "x" }, Output = { "y" } } },
            Input = { Four("x") },
            Output = { Four("y") },
        },
    }.ToByteArray();

    private static ValueInfoProto Four(string name) => new()
    {
        Name = name,
        Type = new TypeProto
        {
            TensorType = new TypeProto.Types.Tensor
            {
                ElemType = 1, // FLOAT
                Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 4 } } },
            },
        },
    };
}

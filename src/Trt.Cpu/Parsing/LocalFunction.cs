using Trt.Onnx;

namespace Trt.Cpu.Parsing;

/// <summary>A call of one of the model's own functions that is being imported.</summary>
/// <param name="Function">What is called.</param>
/// <param name="Attributes">Attributes of the calling node, then the function's defaults.</param>
/// <param name="Opsets">Operator sets that count inside.</param>
internal sealed record LocalFunction(FunctionProto Function, IReadOnlyDictionary<string, AttributeProto> Attributes, IReadOnlyDictionary<string, long> Opsets);

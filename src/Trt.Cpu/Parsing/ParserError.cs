using Trt.Interop.NvOnnxParser;

namespace Trt.Cpu.Parsing;

/// <summary>One reason why a model was refused.</summary>
internal sealed record ParserError(ErrorCode Code, string Desc, string File, int Line, string Func) : IParserError
{
    /// <summary>The node's place in its graph, or -1.</summary>
    public int Node { get; init; } = -1;

    public string NodeName { get; init; } = string.Empty;

    public string NodeOperator { get; init; } = string.Empty;

    /// <summary>Names of the local functions that the node lies in, outermost first.</summary>
    public string[] LocalFunctionStack { get; init; } = [];

    public int LocalFunctionStackSize => LocalFunctionStack.Length;
}

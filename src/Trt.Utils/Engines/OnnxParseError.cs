using System.Globalization;
using System.Text;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Utils;

/// <summary>One thing that a parser refused in an ONNX model.</summary>
/// <param name="Code">Kind of failure.</param>
/// <param name="Description">The parser's words.</param>
/// <param name="Node">Index of the node in the model's graph; −1 when no node is to blame.</param>
/// <param name="NodeName">Name of that node; empty when it has none or the release does not tell it.</param>
/// <param name="Operator">Operator of that node; empty when the release does not tell it.</param>
/// <param name="File">The parser's source file, or the name of the graph's input that is wrong.</param>
/// <param name="Line">Line in that file.</param>
/// <param name="LocalFunctions">Names of the local functions around the node, outermost first.</param>
public sealed record OnnxParseError(ParseCode Code, string Description, int Node, string NodeName, string Operator, string File, int Line, IReadOnlyList<string> LocalFunctions)
{
    /// <summary>One sentence: node, operator, reason, place in the parser.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        if (Node >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"node {Node}");
            text.Append(NodeName.Length > 0 ? $" \"{NodeName}\"" : string.Empty);
            text.Append(Operator.Length > 0 ? $" ({Operator})" : string.Empty);
            text.Append(LocalFunctions.Count > 0 ? $" of function {string.Join('/', LocalFunctions)}" : string.Empty);
            text.Append(": ");
        }

        return text.Append(CultureInfo.InvariantCulture, $"{Description.TrimEnd()} [{Code}, {File}:{Line}]").ToString();
    }

    /// <summary>What a parser has kept.</summary>
    internal static IReadOnlyList<OnnxParseError> Of(IParser parser, TensorRtLibrary library)
    {
        bool named = library.Supports("IParserError.nodeName");
        List<OnnxParseError> errors = [];
        for (int i = 0; i < parser.NbErrors; i++)
        {
            IParserError error = parser.GetError(i);
            errors.Add(new OnnxParseError(error.Code, error.Desc, error.Node, named ? error.NodeName : string.Empty, named ? error.NodeOperator : string.Empty, error.File, error.Line,
                named && error.LocalFunctionStackSize > 0 ? error.LocalFunctionStack : []));
        }

        return errors;
    }
}

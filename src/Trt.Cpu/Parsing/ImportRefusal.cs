using System.Runtime.CompilerServices;
using Trt.Interop.NvOnnxParser;

namespace Trt.Cpu.Parsing;

/// <summary>Why a model, or a node of it, cannot be imported: becomes an error of the parser.</summary>
internal sealed class ImportRefusal : Exception
{
    public ImportRefusal(ErrorCode code, string text, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0, [CallerMemberName] string func = "")
        : base(text) => Error = new ParserError(code, text, file[(file.LastIndexOfAny(['/', '\\']) + 1)..], line, func);

    public ImportRefusal(ParserError error)
        : base(error.Desc) => Error = error;

    public ParserError Error { get; }
}

using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Utils;

/// <summary>The weights of an ONNX file, handed over by the library's own parser.</summary>
internal sealed class OnnxGift(TensorRtLibrary library, ILogger log, string path) : RefitGift
{
    private readonly List<IParserRefitter> parsers = [];

    public override string Key => $"onnx {path}";

    public override void GiveTo(IRefitter refitter)
    {
        // Kept: it holds what the refitter was told.
        IParserRefitter parser = library.CreateParserRefitter(refitter, log);
        parsers.Add(parser);
        try
        {
            parser.RefitFromFile(path);
        }
        catch (TensorRtException error)
        {
            string[] reasons = [.. Enumerable.Range(0, parser.NbErrors).Select(i => parser.GetError(i).Desc.TrimEnd())];
            throw new TensorRtException($"{path} cannot refit the engine: {(reasons.Length > 0 ? string.Join(Environment.NewLine, reasons) : error.Message)}", error);
        }
    }

    /// <summary>The same for another engine.</summary>
    public OnnxGift For(Refitting other) => new(other.Library, other.Log, path);

    public override void Release()
    {
        parsers.ForEach(parser => parser.Dispose());
        parsers.Clear();
    }
}

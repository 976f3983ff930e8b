using Trt.Interop;
using Trt.Interop.NvOnnxParser;

namespace Trt.Utils;

/// <summary>Fills a network from an ONNX model through the library's parser.</summary>
internal static class OnnxImport
{
    /// <summary>Opens a model's file, or says in a sentence why it cannot be.</summary>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (FileNotFoundException error)
        {
            throw new FileNotFoundException($"There is no ONNX file {path}.", path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The ONNX file {path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Refuses what some releases' parsers do not survive: nodes without outputs, functions that call themselves, external data that is not there.</summary>
    /// <param name="model">The model's bytes.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="folder">Where its external data is; null when nobody said.</param>
    /// <exception cref="OnnxParseException">It has such a fault.</exception>
    public static void Check(Stream model, string name, string? folder)
    {
        OnnxScan scan = OnnxScan.Of(model);
        if (scan.NodeWithoutOutput is { } node)
        {
            throw Refused(name, Interop.NvOnnxParser.ErrorCode.InvalidNode, $"node {node} has no output, so that nothing can use it; remove it from the model.");
        }

        if (scan.RecursiveFunction is { } function)
        {
            throw Refused(name, Interop.NvOnnxParser.ErrorCode.InvalidGraph, $"the local function {function.TrimStart(':')} calls itself, which has no end.");
        }

        foreach (ExternalPart part in scan.External)
        {
            string? refusal = "the model is in memory and nobody said in which folder its data is; give the folder too";
            if (folder is null || part.Resolve(folder, out refusal) is null)
            {
                throw Refused(name, Interop.NvOnnxParser.ErrorCode.InvalidGraph, $"the data of tensor \"{part.Tensor}\" is in another file, but {refusal}.");
            }
        }
    }

    /// <summary>Parses.</summary>
    /// <param name="work">The build.</param>
    /// <param name="network">An empty network.</param>
    /// <param name="name">What the model is called in messages.</param>
    /// <param name="parse">The parser's call.</param>
    /// <returns>The parser, which holds the weights until the engine is built.</returns>
    /// <exception cref="OnnxParseException">The parser refused the model.</exception>
    public static IDisposable Run(BuildWork work, INetworkDefinition network, string name, Action<IParser> parse)
    {
        IParser parser = work.Library.CreateParser(network, work.Log);
        try
        {
            SetFlags(work, parser);
            try
            {
                parse(parser);
            }
            catch (TensorRtException error)
            {
                throw new OnnxParseException(name, OnnxParseError.Of(parser, work.Library), error);
            }

            if (network.NbOutputs == 0)
            {
                throw Refused(name, Interop.NvOnnxParser.ErrorCode.InvalidGraph, "the model has no nodes and no outputs; it is empty, or no ONNX model.");
            }

            if (work.Options.VersionCompatible && !work.Options.IgnoreParserPluginLibraries && work.Library.Supports("IParser.getUsedVCPluginLibraries"))
            {
                work.ParserPluginLibraries = parser.GetUsedVCPluginLibraries() ?? [];
            }

            return parser;
        }
        catch
        {
            parser.Dispose();
            throw;
        }
    }

    private static void SetFlags(BuildWork work, IParser parser)
    {
        foreach ((OnnxParserFlag flag, bool on) in work.Options.ParserFlags)
        {
            if (on)
            {
                parser.SetFlag(flag);
            }
            else
            {
                parser.ClearFlag(flag);
            }

            if (parser.GetFlag(flag) != on)
            {
                throw new BuildRefusedException($"ParserFlags: {work.Library}'s parser keeps {flag} {(on ? "off" : "on")}. Leave it out.");
            }
        }

        if (work.Library.Supports("IParser.setBuilderConfig"))
        {
            parser.SetBuilderConfig(work.Config);
        }
    }

    private static OnnxParseException Refused(string name, Interop.NvOnnxParser.ErrorCode code, string text) =>
        new(name, [new OnnxParseError(code, text, -1, string.Empty, string.Empty, name, 0, [])]);
}

using System.CommandLine;
using System.Text;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>The files that a benchmark writes.</summary>
internal static class BenchFiles
{
    public static void Write(ParseResult parsed, ICudaEngine engine, BenchmarkReport report, BenchmarkComparison? comparison)
    {
        To(parsed.GetValue(ReportingOptions.Html), stream =>
        {
            using StreamWriter html = new(stream, leaveOpen: true);
            BenchmarkPage.Write(report, html, comparison);
        });
        To(parsed.GetValue(ReportingOptions.ExportTimes), stream => BenchmarkReportWriter.WriteTimes(report, stream));
        To(parsed.GetValue(ReportingOptions.ExportOutput), stream => BenchmarkReportWriter.WriteOutputs(report, stream));
        To(parsed.GetValue(ReportingOptions.ExportProfile), stream => BenchmarkReportWriter.WriteProfile(report, stream));
        To(parsed.GetValue(ReportingOptions.ExportLayerInfo), stream => stream.Write(Encoding.UTF8.GetBytes(Layers(engine, LayerInformationFormat.JSON))));
        if (parsed.GetValue(ReportingOptions.DumpRawBindings))
        {
            string folder = parsed.GetValue(ReportingOptions.DumpFolder)!;
            Directory.CreateDirectory(folder);
            foreach (BenchmarkTensor tensor in report.Tensors)
            {
                File.WriteAllBytes(Path.Combine(folder, RawName(tensor)), tensor.Bytes.Span);
            }
        }
    }

    /// <summary>What the library's inspector says of the layers.</summary>
    public static string Layers(ICudaEngine engine, LayerInformationFormat format)
    {
        using IEngineInspector inspector = engine.CreateEngineInspector();
        return inspector.GetEngineInformation(format);
    }

    /// <summary>A file's name as trtexec makes it: <c>NAME.input.1.3.224.224.Float.raw</c>, without characters that files cannot have.</summary>
    public static string RawName(BenchmarkTensor tensor) =>
        DebugTensorFiles.FileName(string.Join('.', [tensor.Name, tensor.IsInput ? "input" : "output", .. tensor.Shape.ToArray().Select(extent => $"{extent}"), tensor.DataType.ToString(), "raw"]));

    private static void To(string? path, Action<Stream> write)
    {
        if (path is not null)
        {
            using FileStream stream = File.Create(path);
            write(stream);
        }
    }
}
